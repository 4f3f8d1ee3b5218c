using NativeConv.Threading;

namespace NativeConv.Engine;

/// <summary>delta of a whole tensor, as the backward passes read it.</summary>
internal static unsafe class DeltaPass<T>
    where T : unmanaged
{
    // Bytes that make a piece of work worth claiming: a thirty-second of an L2 cache of 1 MB.
    private const long PieceBytes = 32768;

    /// <summary>Runs the one stage.</summary>
    public static void Run(Call<T>* call, StageRunner* runner) => runner->Run(&Piece, call, ((Elements(call) - 1) / PieceElements) + 1);

    private static long PieceElements => PieceBytes / sizeof(T);

    private static long Elements(Call<T>* call) => call->Plan->Geometry.OutputElements;

    private static void Piece(void* job, long piece, int worker)
    {
        var call = (Call<T>*)job;
        var first = piece * PieceElements;
        call->Dy.Read(first, Math.Min(PieceElements, Elements(call) - first), call->Result + first);
    }
}
