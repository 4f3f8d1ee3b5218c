using NativeConv.Bench;
using NativeConv.Bench.Measuring;
using Xunit;

namespace NativeConv.Tests.Bench;

/// <summary>What a process that measures leaves behind if a peer ends it.</summary>
public class TrialTests
{
    [Theory]
    [InlineData("mb1ic3ih224oc64oh112kh7sh2ph3n\"resnet50:conv1\"")]
    [InlineData("--deconv --bia-dt=f32 mb4ic1024ih28oc512oh56kh2sh2ph0n\"unet:up28\"")]
    public void ComesBackAsItWasWritten(string shape)
    {
        foreach (var pass in Enum.GetValues<ConvPass>())
        {
            var trial = new Trial(17, pass, Vocabulary.PyTorch, shape);
            Assert.Equal(trial, Trial.Parse(trial.ToString()));
        }
    }
}
