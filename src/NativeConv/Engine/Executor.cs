using System.Numerics;
using NativeConv.Kernels.Elementwise;
using NativeConv.Kernels.Lanes;
using NativeConv.Kernels.Moves;
using NativeConv.Packing;
using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>Runs plans. Allocates nothing; the arguments have been checked.</summary>
internal static unsafe class Executor
{
    /// <summary>Runs one pass.</summary>
    /// <returns>false: parallel_for came back before every worker had run</returns>
    public static bool Run(Plan* plan, ConvPass pass, in CallArguments arguments) => plan->Geometry.Element == ElementType.Float64
        ? Executor<double>.Run(plan, pass, arguments)
        : Executor<float>.Run(plan, pass, arguments);

    /// <summary>Writes delta = dy * h' to the result.</summary>
    /// <returns>false: parallel_for came back before every worker had run</returns>
    public static bool RunDelta(Plan* plan, in CallArguments arguments) => plan->Geometry.Element == ElementType.Float64
        ? Executor<double>.RunDelta(plan, arguments)
        : Executor<float>.RunDelta(plan, arguments);

    /// <summary>Packs weights for a Gather or Phase pass; <paramref name="packed"/> holds <see cref="PassPlan.PackedBytes"/>.</summary>
    /// <returns>whether all are known to be finite</returns>
    public static bool Pack(Plan* plan, ConvPass pass, void* w, void* packed)
    {
        var passPlan = Plan.Pass(plan, pass);
        if (passPlan->Algorithm == Algorithm.Plain)
        {
            Elements<byte>.Copy((byte*)w, (byte*)packed, passPlan->PackedBytes);
            return false;
        }

        var finite = true;
        for (long piece = 0; piece < Correlation<float>.PackPieces(passPlan); piece++)
        {
            finite &= plan->Geometry.Element == ElementType.Float64
                ? Correlation<double>.Pack(passPlan, piece, (double*)w, (double*)packed, look: true)
                : Correlation<float>.Pack(passPlan, piece, (float*)w, (float*)packed, look: true);
        }

        return finite;
    }
}

/// <summary>The same for one element type.</summary>
internal static unsafe class Executor<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Run(Plan* plan, ConvPass pass, in CallArguments arguments)
    {
        var call = Create(plan, pass, arguments);
        var runner = arguments.Runner;
        if (pass == ConvPass.BackwardWeights)
        {
            if (call.WeightGradient != null)
            {
                RunWeights(&call, &runner);
            }

            if (call.BiasGradient != null)
            {
                BiasGradient<T>.Run(&call, &runner);
            }
        }
        else if (call.Pass->Algorithm == Algorithm.Plain)
        {
            // The plain loop's packed form is w itself.
            call.W = call.Packed == null ? call.W : call.Packed;
            PlainLoop<T>.Correlate(&call, &runner);
        }
        else
        {
            Correlation<T>.Run(&call, &runner);
        }

        return !runner.Failed;
    }

    public static bool RunDelta(Plan* plan, in CallArguments arguments)
    {
        var call = Create(plan, ConvPass.BackwardData, arguments);
        var runner = arguments.Runner;
        DeltaPass<T>.Run(&call, &runner);
        return !runner.Failed;
    }

    private static void RunWeights(Call<T>* call, StageRunner* runner)
    {
        switch (call->Pass->Algorithm)
        {
            case Algorithm.DirectPoints:
                WeightGradient<T>.Run(call, runner);
                break;
            case Algorithm.DirectLanes:
                LaneGradient<T>.Run(call, runner);
                break;
            default:
                PlainLoop<T>.Weights(call, runner);
                break;
        }
    }

    private static Call<T> Create(Plan* plan, ConvPass pass, in CallArguments arguments)
    {
        var geometry = &plan->Geometry;
        var kernels = Plan.Kernels<T>(plan);
        var passPlan = Plan.Pass(plan, pass);
        var alpha = LaneConstants<T>.From(arguments.Alpha == 0 ? 1 : arguments.Alpha);
        var activationAlpha = LaneConstants<T>.From(geometry->ActivationAlpha);
        var activationBeta = LaneConstants<T>.From(geometry->ActivationBeta);
        return new Call<T>
        {
            Plan = plan,
            Pass = passPlan,
            Kernels = kernels,
            X = new ChannelReader<T> { Data = (T*)arguments.X },
            Dy = new ChannelReader<T>
            {
                Data = (T*)arguments.Dy,
                Y = (T*)arguments.Y,
                Delta = kernels->Delta,
                ActivationAlpha = activationAlpha,
                ActivationBeta = activationBeta,
            },
            W = (T*)arguments.W,
            Packed = (T*)arguments.Packed,
            HasInfinite = arguments.HasInfinite ? 1 : 0,
            Result = (T*)arguments.Result,
            WeightGradient = (T*)arguments.WeightGradient,
            BiasGradient = (T*)arguments.BiasGradient,
            Addend = (T*)arguments.Addend,
            Finish = new FinishArgs<T>
            {
                Alpha = alpha,
                Scale = alpha != T.One,
                Beta = LaneConstants<T>.From(arguments.Beta),
                Bias = (T*)arguments.Bias,
                ActivationAlpha = activationAlpha,
                ActivationBeta = activationBeta,
            },
            FinishRows = pass == ConvPass.Forward ? kernels->Finish : kernels->FinishLinear,
            Activates = pass == ConvPass.Forward && plan->Geometry.Activation != Activation.Identity,
            Workspace = arguments.Workspace,
            Workers = arguments.Workspace + PassPlan.SharedBytesOf(passPlan, arguments.Packed != null),
        };
    }
}
