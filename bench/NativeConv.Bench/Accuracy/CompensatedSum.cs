namespace NativeConv.Bench.Accuracy;

/// <summary>
/// A sum of products in double precision, its errors added up beside it: as good as if in twice the precision (Ogita, Rump, Oishi: Accurate sum and dot product, 2005), so
/// that results in f64 can be judged too.
/// </summary>
public static class CompensatedSum
{
    /// <summary>Adds a * b to sum + low.</summary>
    public static void Add(ref double sum, ref double low, double a, double b)
    {
        var product = a * b;
        var productLow = Math.FusedMultiplyAdd(a, b, -product);
        var before = sum;
        var total = before + product;
        var part = total - before;
        low += before - (total - part) + (product - part) + productLow;
        sum = total;
    }
}
