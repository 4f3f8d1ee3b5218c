using NativeConv.Interop;
using Unity.Collections;
using UnityEngine;

/// <summary>Sharpens a texture, each frame, and learns the filter back from what it did. Put it on an object, and give it a readable texture.</summary>
public sealed class SharpenPhoto : MonoBehaviour
{
    [SerializeField] private Texture2D photo;
    [SerializeField] private float learningRate = 0.5f;

    private readonly float[] filter = { 0, -1, 0, -1, 5, -1, 0, -1, 0 };
    private readonly float[] learned = new float[9];
    private readonly float[] gradient = new float[9];
    private readonly ExecOptions forward = new ExecOptions { NumThreads = 1 };
    private readonly ExecOptions backward = new ExecOptions { NumThreads = 1 };
    private Plan<float> plan;
    private NativeArray<float> x, wanted, y;

    /// <summary>The filter that was learned so far.</summary>
    public float[] Learned => learned;

    private void OnEnable()
    {
        plan = new Plan<float>(new Layer(Kind.Conv, (photo.height, photo.width)) { InChannels = 1, OutChannels = 1, Kernel = 3, Padding = 1 });
        forward.Workspace = plan.CreateWorkspace(Pass.Forward, forward);
        backward.Workspace = plan.CreateWorkspace(Pass.BackwardWeights, backward);
        x = new NativeArray<float>((int)plan.XLength, Allocator.Persistent);
        wanted = new NativeArray<float>((int)plan.YLength, Allocator.Persistent);
        y = new NativeArray<float>((int)plan.YLength, Allocator.Persistent);
        var pixels = photo.GetPixels();
        for (var i = 0; i < pixels.Length; i++)
        {
            x[i] = pixels[i].grayscale;
        }
    }

    private void Update()
    {
        plan.Forward(x.ToSpan(), filter, default, wanted.ToSpan(), forward);
        plan.Forward(x.ToSpan(), learned, default, y.ToSpan(), forward);
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = (y[i] - wanted[i]) / y.Length;
        }

        plan.BackwardWeights(x.ToSpan(), y.ToSpan(), default, gradient, default, backward);
        for (var i = 0; i < learned.Length; i++)
        {
            learned[i] -= learningRate * gradient[i];
        }
    }

    private void OnDisable()
    {
        forward.Workspace.Dispose();
        backward.Workspace.Dispose();
        plan.Dispose();
        x.Dispose();
        wanted.Dispose();
        y.Dispose();
    }
}
