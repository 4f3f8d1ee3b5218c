using NativeConv.Engine;
using NativeConv.Kernels;
using NativeConv.Problem;

namespace NativeConv.Planning;

/// <summary>What a plan decided, and why, in words.</summary>
internal static unsafe class Explanation
{
    /// <summary>Pass by pass: algorithm, tile, stages, workspace, operations, and why algorithms before it in the list were not chosen.</summary>
    /// <param name="plan">the plan</param>
    /// <param name="isaNote">why nothing wider is used; may be empty</param>
    /// <param name="text">gets the explanation</param>
    public static void Write(Plan* plan, scoped ReadOnlySpan<byte> isaNote, ref Message text)
    {
        text.Add("isa "u8);
        text.Add(IsaSupport.Name(plan->Isa));
        if (!isaNote.IsEmpty)
        {
            text.Add(" ("u8);
            text.Add(isaNote);
            text.Add(")"u8);
        }

        text.Add(plan->Geometry.Element == ElementType.Float64 ? ", f64\n"u8 : ", f32\n"u8);
        for (var pass = ConvPass.Forward; pass <= ConvPass.BackwardWeights; pass++)
        {
            WritePass(plan, pass, ref text);
        }
    }

    private static void WritePass(Plan* plan, ConvPass pass, ref Message text)
    {
        var passPlan = Plan.Pass(plan, pass);
        text.Add(pass switch
        {
            ConvPass.Forward => "forward: "u8,
            ConvPass.BackwardData => "backward_data: "u8,
            _ => "backward_weights: "u8,
        });
        text.Add(AlgorithmList.Name(passPlan->Algorithm));
        if (passPlan->Algorithm is Algorithm.DirectPlanes or Algorithm.DirectColumns or Algorithm.DirectPoints or Algorithm.DirectTiles)
        {
            text.Add(", tile "u8);
            text.Add(passPlan->TileRows);
            text.Add(" x "u8);
            text.Add(passPlan->TileVectors * passPlan->VectorLength);
        }

        text.Add(", stages "u8);
        text.Add(passPlan->Stages);
        text.Add(", workspace "u8);
        text.Add(PassWorkspace.Bytes(passPlan, threads: 1, packed: false).Value);
        text.Add(" bytes + "u8);
        text.Add(passPlan->WorkerBytes);
        text.Add(" per further thread, "u8);
        text.Add(2 * plan->Geometry.MultiplyAdds);
        text.Add(" flops\n"u8);
        Planner.ExplainRefusals(plan, pass, ref text);
    }
}
