using NativeConv.Kernels.Moves;
using NativeConv.Kernels.Tiles;
using NativeConv.Packing;

namespace NativeConv.Engine;

/// <summary>Some (channel, tap) rows and some coarse channels of the weight gradients of a group: what one worker sums at once.</summary>
internal unsafe struct GradientSection<T>
    where T : unmanaged
{
    public long Group;

    /// <summary>First (channel, tap) pair.</summary>
    public long FirstRow;

    public long Rows;

    public long FirstBlock;
    public long EndBlock;

    /// <summary>Of <see cref="FirstBlock"/>.</summary>
    public long FirstChannel;

    /// <summary>Of all blocks, whole vectors.</summary>
    public long Channels;

    /// <summary>Elements from one row of sums to the next.</summary>
    public long Pitch;

    /// <summary>Where chains are added: rows of coarse channels.</summary>
    public T* Sums;

    /// <param name="pass">the plan</param>
    /// <param name="group">which group</param>
    /// <param name="rows">first row, and rows</param>
    /// <param name="blocks">first block of channels, and blocks</param>
    public GradientSection(PassPlan* pass, long group, (long First, long Length) rows, (long First, long Length) blocks)
    {
        var all = pass->Panel.Blocks;
        Group = group;
        (FirstRow, Rows) = rows;
        (FirstBlock, EndBlock) = (blocks.First, blocks.First + blocks.Length);
        FirstChannel = all[FirstBlock].First;
        Pitch = Channels = (EndBlock == all.Count ? all.Padded : all[EndBlock].First) - FirstChannel;
    }

    /// <summary>(channel, tap) rows of a group.</summary>
    public static long AllRows(PassPlan* pass) => pass->Problem.FineChannels * pass->Problem.Kernel.Product;

    /// <summary>The fine image from <paramref name="image"/> on, all groups.</summary>
    public static ChannelReader<T> Fine(Call<T>* call, long image)
    {
        var problem = &call->Pass->Problem;
        return (problem->GradientIsFine ? call->Dy : call->X).Skip(image * problem->FineImage);
    }

    /// <summary>A group of the coarse image <paramref name="image"/>.</summary>
    public static ChannelReader<T> Coarse(Call<T>* call, long image, long group)
    {
        var problem = &call->Pass->Problem;
        return (problem->GradientIsFine ? call->X : call->Dy).Skip(((image * problem->Groups) + group) * problem->CoarseChannels * problem->Coarse.Product);
    }

    /// <summary>Where the plane and tap of each row begin, and where it is summed: for all chains.</summary>
    public readonly void PlaceRows(PassPlan* pass, byte* workspace)
    {
        var offsets = pass->RowOffsetsPiece.Get<nint>(workspace);
        var places = pass->PlacesPiece.Get<nint>(workspace);
        var taps = pass->Problem.Kernel.Product;
        var channel = Math.DivRem(FirstRow, taps, out var tap);
        for (long row = 0; row < Rows; row++)
        {
            offsets[row] = (nint)(channel * pass->Planes.ChannelStride) + pass->TapOffsets[tap];
            places[row] = (nint)(row * Pitch);
            if (++tap == taps)
            {
                tap = 0;
                channel++;
            }
        }
    }

    /// <summary>One chain: all tiles.</summary>
    /// <param name="call">the call</param>
    /// <param name="chain">its pixels</param>
    /// <param name="fine">the group's first plane</param>
    /// <param name="firstRow">row of the coarse image that planes begin with</param>
    /// <param name="coarse">the group's image</param>
    /// <param name="panel">the same with channels innermost; null: each pixel is turned when it is needed</param>
    /// <param name="add">add the chain to the sums, else replace them</param>
    /// <param name="workspace">the worker's</param>
    public readonly void MultiplyChain(Call<T>* call, RowChain chain, T* fine, long firstRow, in ChannelReader<T> coarse, T* panel, bool add, byte* workspace)
    {
        var pass = call->Pass;
        var rowOffsets = pass->RowOffsetsPiece.Get<nint>(workspace);
        var offsets = pass->OffsetsPiece.Get<nint>(workspace);
        var places = pass->PlacesPiece.Get<nint>(workspace);
        var steps = new StepRuns((nint)chain.Steps);
        var firstPixel = (chain.FirstRow * pass->Problem.Coarse.W) + chain.FirstColumn;
        var tiles = EvenParts.AtMost(pass->TileRows, Rows);
        PlacePixels(pass, chain, firstRow, offsets);
        for (var block = FirstBlock; block < EndBlock; block++)
        {
            var (firstChannel, vectors) = pass->Panel.Blocks[block];
            T* pixels;
            if (panel == null)
            {
                pixels = pass->PanelPiece.Get<T>(workspace);
                PanelFiller<T>.Fill(&pass->Panel, coarse, block, firstPixel, chain.Steps, pixels, pass->RowPiece.Get<T>(workspace));
            }
            else
            {
                pixels = panel + pass->Panel.Start(block, firstPixel);
            }

            for (long tile = 0; tile < tiles.Count; tile++)
            {
                var (first, rows) = tiles[tile];
                call->Kernels->PointTile((int)rows, vectors)(fine, rowOffsets + first, pixels, offsets, &steps, Sums + firstChannel - FirstChannel, places + first, add, null);
            }
        }
    }

    /// <summary>Where, seen from a row's place, each pixel of a chain lies.</summary>
    private static void PlacePixels(PassPlan* pass, RowChain chain, long firstRow, nint* offsets)
    {
        var pixel = pass->Planes.Pixel;
        for (var row = chain.FirstRow; row < chain.FirstRow + chain.Rows; row++)
        {
            var (z, y) = Math.DivRem(row - firstRow, pass->Problem.Coarse.H);
            var at = (z * pixel.D) + (y * pixel.H) + (chain.FirstColumn * pixel.W);
            for (long column = 0; column < chain.Columns; column++, at += pixel.W)
            {
                *offsets++ = (nint)at;
            }
        }
    }

    /// <summary>Writes the gradients.</summary>
    /// <param name="call">the call</param>
    /// <param name="totals">rows of coarse channels</param>
    /// <param name="workspace">the worker's</param>
    public readonly void Write(Call<T>* call, T* totals, byte* workspace)
    {
        var pass = call->Pass;
        var all = pass->Problem.CoarseChannels;
        var channels = Math.Min(Channels, all - FirstChannel);
        var rows = AllRows(pass);
        if (pass->IsExchanged)
        {
            GradientWriter<T>.Write(call, totals, Pitch, call->WeightGradient + (((Group * rows) + FirstRow) * all) + FirstChannel, all, Rows, channels);
            return;
        }

        var gradients = call->WeightGradient + (((Group * all) + FirstChannel) * rows) + FirstRow;
        if (call->Addend == null && !call->Finish.Scale)
        {
            Transposition<T>.RunToResult(totals, Pitch, gradients, rows, Rows, channels, pass->ResultsAreFar);
            return;
        }

        const long Run = GradientWriter<T>.Run;
        var buffers = pass->RowPiece.Get<T>(workspace);
        for (long row = 0; row < Rows; row += Run)
        {
            var count = Math.Min(Run, Rows - row);
            for (long first = 0; first < channels; first += PanelFiller<T>.Rows)
            {
                var some = Math.Min(PanelFiller<T>.Rows, channels - first);
                Transposition<T>.Run(totals + (row * Pitch) + first, Pitch, buffers, Run, count, some);
                GradientWriter<T>.Write(call, buffers, Run, gradients + (first * rows) + row, rows, some, count);
            }
        }
    }
}
