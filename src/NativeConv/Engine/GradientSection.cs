using NativeConv.Kernels.Moves;
using NativeConv.Kernels.Tiles;
using NativeConv.Packing;
using NativeConv.Problem;

namespace NativeConv.Engine;

/// <summary>Some (channel, tap) rows and some channels across them of the weight gradients of a group: what one worker sums at once.</summary>
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

    /// <summary>Where chains are added: rows of the channels across.</summary>
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
    public static long AllRows(PassPlan* pass) => (pass->FineInVectors ? pass->Problem.CoarseChannels : pass->Problem.FineChannels) * pass->Problem.Kernel.Product;

    /// <summary>Rows that are not cut apart: a channel's, if tiles have rows of one tap, which leaves out pixels or has vectors of its own.</summary>
    public static long UnitOfRows(PassPlan* pass) => pass->SkipsPadding || pass->FineInVectors ? pass->Problem.Kernel.Product : 1;

    /// <summary>Whether dy of a conv is the image in the rows of tiles.</summary>
    public static bool GradientIsInRows(PassPlan* pass) => pass->IsExchanged || pass->FineInVectors;

    /// <summary>Whether tiles sum all images at once, and whole vectors of channels, so that they can write gradients if the images change places.</summary>
    public static bool SumsMayBeGradients(PassPlan* pass, in ConvProblem exchanged) =>
        pass->Rows.Count == 1 && exchanged.Batch > 0 && exchanged.Batch <= pass->ImagesPerTile && exchanged.CoarseChannels % pass->VectorLength == 0;

    /// <summary>Whether tiles write gradients in place of sums.</summary>
    public static bool SumsAreGradients(Call<T>* call) =>
        call->Pass->IsExchanged && call->Addend == null && !call->Finish.Scale && SumsMayBeGradients(call->Pass, call->Pass->Problem);

    /// <summary>The first row and the number of rows of one of several sections.</summary>
    public static (long First, long Length) RowsOf(PassPlan* pass, long sections, long number)
    {
        var unit = UnitOfRows(pass);
        var (first, length) = new EvenParts(AllRows(pass) / unit, sections)[number];
        return (first * unit, length * unit);
    }

    /// <summary>Elements from one fine image, as tiles read it, to the next: a worker's own planes are of one group.</summary>
    public static long FineStride(PassPlan* pass) =>
        (pass->GroupsAreLocal && pass->Planes.Form == SourceForm.Planes ? 1 : pass->Problem.Groups) * pass->Problem.FineChannels * pass->Planes.ChannelStride;

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

    /// <summary>Where the plane and tap of each row begin and where it is summed, in the order of tiles, and with which rows these begin: for all chains.</summary>
    public readonly void PlaceRows(PassPlan* pass, byte* workspace)
    {
        var tiles = pass->TilesPiece.Get<nint>(workspace);
        var taps = UnitOfRows(pass);
        var ofTap = EvenParts.AtMost(pass->TileRows, Rows / taps);
        for (long tile = 0; tile < taps * ofTap.Count; tile++)
        {
            var tap = Math.DivRem(tile, ofTap.Count, out var part);
            tiles[tile] = (nint)((tap * (Rows / taps)) + ofTap[part].First);
        }

        tiles[taps * ofTap.Count] = (nint)Rows;
        OrderRows(pass, workspace);
    }

    /// <summary>The rows in the order of tiles: as they are summed, or all channels of a tap before the next tap.</summary>
    private readonly void OrderRows(PassPlan* pass, byte* workspace)
    {
        var offsets = pass->RowOffsetsPiece.Get<nint>(workspace);
        var places = pass->PlacesPiece.Get<nint>(workspace);
        var taps = pass->Problem.Kernel.Product;
        if (UnitOfRows(pass) == taps)
        {
            var stride = pass->FineInVectors ? pass->Problem.Coarse.Product : pass->Planes.ChannelStride;
            for (long tap = 0; tap < taps; tap++)
            {
                for (long row = tap; row < Rows; row += taps)
                {
                    *offsets++ = (nint)((FirstRow + row) / taps * stride) + (pass->FineInVectors ? 0 : pass->TapOffsets[tap]);
                    *places++ = (nint)(row * Pitch);
                }
            }

            return;
        }

        var (channel, first) = Math.DivRem(FirstRow, taps);
        for (long row = 0, tap = first; row < Rows; row++)
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

    /// <summary>One chain, or those of several images: all tiles.</summary>
    /// <param name="call">the call</param>
    /// <param name="chain">its pixels</param>
    /// <param name="images">up to <see cref="PassPlan.ImagesPerTile"/></param>
    /// <param name="fine">the group's first plane</param>
    /// <param name="firstRow">row of the coarse image that planes begin with</param>
    /// <param name="coarse">the group's image</param>
    /// <param name="panel">the same with channels innermost; null: each pixel is turned when it is needed</param>
    /// <param name="add">add the chain to the sums, else replace them</param>
    /// <param name="workspace">the worker's</param>
    public readonly void MultiplyChain(Call<T>* call, RowChain chain, long images, T* fine, long firstRow, in ChannelReader<T> coarse, T* panel, bool add, byte* workspace)
    {
        var pass = call->Pass;
        if (pass->FineInVectors)
        {
            MultiplyChain(call, chain, fine, firstRow, coarse.Data, add, workspace);
            return;
        }

        var rowOffsets = pass->RowOffsetsPiece.Get<nint>(workspace);
        var offsets = pass->OffsetsPiece.Get<nint>(workspace);
        var places = pass->PlacesPiece.Get<nint>(workspace);
        var kernels = call->Kernels;
        var firstPixel = (chain.FirstRow * pass->Problem.Coarse.W) + chain.FirstColumn;
        var taps = UnitOfRows(pass);
        var tiles = pass->TilesPiece.Get<nint>(workspace);
        var tilesOfTap = EvenParts.AtMost(pass->TileRows, Rows / taps).Count;
        PlacePixels(pass, chain, images, firstRow, offsets);
        for (var block = FirstBlock; block < EndBlock; block++)
        {
            var (firstChannel, vectors) = pass->Panel.Blocks[block];
            T* pixels;
            if (panel == null)
            {
                pixels = pass->PanelPiece.Get<T>(workspace);
                for (long image = 0; image < images; image++)
                {
                    var target = pixels + (image * chain.Steps * vectors * pass->VectorLength);
                    PanelFiller<T>.Fill(&pass->Panel, coarse.Skip(image * pass->Problem.CoarseImage), block, firstPixel, chain.Steps, target, pass->RowPiece.Get<T>(workspace));
                }
            }
            else
            {
                pixels = panel + pass->Panel.Start(block, firstPixel);
            }

            var sums = Sums + firstChannel - FirstChannel;
            var asks = pass->RowsAreFar && block == FirstBlock;
            var leaveOut = pass->SkipsPadding && kernels->AreFinite(pixels, (nint)(images * chain.Steps * vectors * pass->VectorLength));
            for (long tap = 0; tap < taps; tap++)
            {
                var steps = (leaveOut ? StepsOf(pass, chain, tap) : new StepRuns((nint)chain.Steps)) with { Slices = (nint)images, SlicePitch = (nint)chain.Steps };
                var tile = tiles + (tap * tilesOfTap);
                for (var end = tile + tilesOfTap; tile < end; tile++)
                {
                    var first = *tile;
                    var count = (int)(tile[1] - first);
                    if (asks) AskForNext(pass, chain, images, fine, rowOffsets, tile + 1 < end ? tile + 1 : null, offsets);
                    if (pass->ImagesPerTile > 1) kernels->ChainsTile(count, vectors)(fine, rowOffsets + first, pixels, offsets, &steps, sums, places + first, add);
                    else kernels->PointTile(count, vectors)(fine, rowOffsets + first, pixels, offsets, &steps, sums, places + first, add, null);
                }
            }
        }
    }

    /// <summary>One chain whose vectors are fine channels: all tiles. Steps are pixels of the planes' rows, of which those behind the coarse image's are left out.</summary>
    private readonly void MultiplyChain(Call<T>* call, RowChain chain, T* planes, long firstRow, T* coarse, bool add, byte* workspace)
    {
        var pass = call->Pass;
        var rowOffsets = pass->RowOffsetsPiece.Get<nint>(workspace);
        var offsets = pass->OffsetsPiece.Get<nint>(workspace);
        var places = pass->PlacesPiece.Get<nint>(workspace);
        var tiles = pass->TilesPiece.Get<nint>(workspace);
        var pitch = pass->Planes.Size.W;
        for (long row = 0; row < chain.Rows; row++)
        {
            for (long column = 0; column < chain.Columns; column++)
            {
                offsets[(row * pitch) + column] = (nint)(((chain.FirstRow + row) * pass->Problem.Coarse.W) + chain.FirstColumn + column);
            }
        }

        var steps = StepRuns.Box((0, 1), (0, chain.Rows), (0, chain.Columns), chain.Rows, pitch);
        var pixels = planes + ((chain.FirstRow - firstRow) * pass->Planes.Pixel.H) + (chain.FirstColumn * pass->Planes.Pixel.W);
        var taps = pass->Problem.Kernel.Product;
        var tilesOfTap = EvenParts.AtMost(pass->TileRows, Rows / taps).Count;
        for (var block = FirstBlock; block < EndBlock; block++)
        {
            var (firstChannel, vectors) = pass->Panel.Blocks[block];
            for (long tile = 0; tile < taps * tilesOfTap; tile++)
            {
                var first = tiles[tile];
                var ofTap = pixels + (firstChannel * pass->Planes.ChannelStride) + pass->TapOffsets[tile / tilesOfTap];
                call->Kernels->PointTile((int)(tiles[tile + 1] - first), vectors)(
                    coarse, rowOffsets + first, ofTap, offsets, &steps, Sums + firstChannel - FirstChannel, places + first, add, null);
            }
        }
    }

    /// <summary>The same chain of db, of the section's channels of dy: those across its tiles, if its rows are the first, or those of its rows, if its blocks are.</summary>
    /// <param name="call">the call, whose pass sums it along</param>
    /// <param name="chain">its pixels</param>
    /// <param name="image">of which image</param>
    /// <param name="index">its number, all images counted</param>
    public readonly void AddBias(Call<T>* call, RowChain chain, long image, long index)
    {
        var pass = call->Pass;
        var inRows = GradientIsInRows(pass);
        var taps = pass->Problem.Kernel.Product;
        var all = inRows ? AllRows(pass) / taps : pass->Panel.Blocks.Channels;
        var (first, count) = inRows ? (FirstRow / taps, Rows / taps) : (FirstChannel, Math.Min(Channels, all - FirstChannel));
        if ((inRows ? FirstBlock : FirstRow) == 0)
        {
            BiasGradient<T>.AddChain(call, chain, image, index, (Group * all) + first, count);
        }
    }

    /// <summary>Asks for what the rows of the next tile read; null: those of the first tile, where there is a next chain of the same image.</summary>
    private readonly void AskForNext(PassPlan* pass, RowChain chain, long images, T* fine, nint* rowOffsets, nint* tile, nint* offsets)
    {
        var span = offsets[chain.Steps - 1] - offsets[0];
        nint first = 0, end = 0;
        if (tile != null) (first, end) = (tile[0], tile[1]);
        else if (pass->Rows.Count > 1) end = (nint)Math.Min(pass->TileRows, Rows);
        for (long image = 0; image < images; image++)
        {
            var pixels = fine + offsets[image * chain.Steps] + (tile != null ? 0 : span);
            for (var row = first; row < end; row++)
            {
                Ahead.Fetch(pixels + rowOffsets[row], (span + 1) * sizeof(T));
            }
        }
    }

    /// <summary>The pixels of a chain for which a tap reads no padding.</summary>
    private static StepRuns StepsOf(PassPlan* pass, RowChain chain, long tap)
    {
        var (top, left) = Math.DivRem(tap, pass->Problem.Kernel.W);
        var rows = Inside(pass->PixelsOfTaps.Along(1, top), chain.FirstRow, chain.Rows);
        var columns = Inside(pass->PixelsOfTaps.Along(2, left), chain.FirstColumn, chain.Columns);
        return StepRuns.Box((0, 1), rows, columns, chain.Rows, chain.Columns);
    }

    /// <summary>What is inside of a range, counted from the first, of positions of a chain along an axis.</summary>
    private static (long First, long End) Inside((long First, long End) range, long firstOfChain, long count) =>
        (Math.Clamp(range.First - firstOfChain, 0, count), Math.Clamp(range.End - firstOfChain, 0, count));

    /// <summary>Where, seen from a row's place, each pixel of a chain lies, image by image.</summary>
    private static void PlacePixels(PassPlan* pass, RowChain chain, long images, long firstRow, nint* offsets)
    {
        var pixel = pass->Planes.Pixel;
        for (long image = 0; image < images; image++)
        {
            for (var row = chain.FirstRow; row < chain.FirstRow + chain.Rows; row++)
            {
                var (z, y) = Math.DivRem(row - firstRow, pass->Problem.Coarse.H);
                var at = (image * FineStride(pass)) + (z * pixel.D) + (y * pixel.H) + (chain.FirstColumn * pixel.W);
                for (long column = 0; column < chain.Columns; column++, at += pixel.W)
                {
                    *offsets++ = (nint)at;
                }
            }
        }
    }

    /// <summary>Lets tiles write gradients in place of sums: there is nothing to write afterwards.</summary>
    public void SumInResult(Call<T>* call)
    {
        Sums = Gradients(call);
        Pitch = call->Pass->Problem.CoarseChannels;
    }

    /// <summary>The section's first gradient, of images that changed places.</summary>
    private readonly T* Gradients(Call<T>* call)
    {
        var pass = call->Pass;
        return call->WeightGradient + (((Group * AllRows(pass)) + FirstRow) * pass->Problem.CoarseChannels) + FirstChannel;
    }

    /// <summary>Writes the gradients.</summary>
    /// <param name="call">the call</param>
    /// <param name="totals">rows of the channels across</param>
    /// <param name="workspace">the worker's</param>
    public readonly void Write(Call<T>* call, T* totals, byte* workspace)
    {
        var pass = call->Pass;
        var all = pass->Panel.Blocks.Channels;
        var channels = Math.Min(Channels, all - FirstChannel);
        var rows = AllRows(pass);
        if (pass->IsExchanged)
        {
            GradientWriter<T>.Write(call, totals, Pitch, Gradients(call), all, Rows, channels);
        }
        else if (pass->FineInVectors)
        {
            var taps = pass->Problem.Kernel.Product;
            for (long row = 0; row < Rows; row += taps)
            {
                var gradients = call->WeightGradient + (((Group * rows) + FirstRow + row) * all) + (FirstChannel * taps);
                WriteTurned(call, totals + (row * Pitch), taps, channels, gradients, taps, workspace);
            }
        }
        else
        {
            WriteTurned(call, totals, Rows, channels, call->WeightGradient + (((Group * all) + FirstChannel) * rows) + FirstRow, rows, workspace);
        }
    }

    /// <summary>Writes gradients whose rows are channels of sums.</summary>
    private readonly void WriteTurned(Call<T>* call, T* totals, long rows, long channels, T* gradients, long pitch, byte* workspace)
    {
        var pass = call->Pass;
        if (call->Addend == null && !call->Finish.Scale)
        {
            Transposition<T>.RunToResult(totals, Pitch, gradients, pitch, rows, channels, pass->ResultsAreFar);
            return;
        }

        const long Run = GradientWriter<T>.Run;
        var buffers = pass->RowPiece.Get<T>(workspace);
        for (long row = 0; row < rows; row += Run)
        {
            var count = Math.Min(Run, rows - row);
            for (long first = 0; first < channels; first += PanelFiller<T>.Rows)
            {
                var some = Math.Min(PanelFiller<T>.Rows, channels - first);
                Transposition<T>.Run(totals + (row * Pitch) + first, Pitch, buffers, Run, count, some);
                GradientWriter<T>.Write(call, buffers, Run, gradients + (first * pitch) + row, pitch, some, count);
            }
        }
    }
}
