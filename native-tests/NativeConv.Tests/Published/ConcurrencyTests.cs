using Xunit;

namespace NativeConv.Tests.Published;

/// <summary>One plan, many callers at once.</summary>
public class ConcurrencyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void One_plan_gives_all_threads_the_same_bits(int threadsOfACall)
    {
        var tensors = CommonLayer.Tensors();
        var expected = CommonLayer.Expected(tensors);
        using var plan = new NcPlan(CommonLayer.Descriptor);
        var failures = new Exception?[8];
        var callers = Enumerable.Range(0, failures.Length).Select(caller => new Thread(() => failures[caller] = Record.Exception(() =>
        {
            for (var i = 0; i < 5; i++)
            {
                Results<float>.Published(plan, tensors, NcExec.Init with { NumThreads = threadsOfACall }).MustEqual(expected, $"caller {caller}");
            }
        }))).ToArray();
        Array.ForEach(callers, caller => caller.Start());
        Array.ForEach(callers, caller => caller.Join());
        Assert.All(failures, Assert.Null);
    }
}
