using NativeConv.Bench.Shapes;

namespace NativeConv.Bench.Accuracy;

/// <summary>The layers of docs/accuracy.md: of bench/shapes those with long sums in some pass.</summary>
internal static class AccuracyLayers
{
    /// <summary>Layers of real nets, at batch 1.</summary>
    public static readonly string[] Names =
    [
        "resnet50:conv1", "resnet50:res2b_branch2a", "resnet50:res4b_branch2b", "resnet50:res5b_branch2a", "resnet50:res5b_branch2b",
        "vgg16:conv1_1", "vgg16:conv5_1",
        "unet:conv1_572", "unet:up28",
        "dcgan_g:deconv1", "dcgan_g:deconv2",
        "fsrcnn_x2_540p:shrink1x1", "fsrcnn_x2_540p:deconv9x9_s2",
        "mobilenetv2:b0_dw", "mobilenetv2:conv_last",
    ];

    /// <summary>What every activation is shown on: sums of 4608 and of up to 2048 products.</summary>
    public static readonly string[] ActivatedNames = ["resnet50:res5b_branch2b", "dcgan_g:deconv2"];

    /// <summary>Every activation, with parameters that reach both of its sides.</summary>
    public static readonly (Activation Activation, double Alpha, double Beta)[] Activations =
    [
        (Activation.Identity, 0, 0), (Activation.Relu, 0, 0), (Activation.LeakyRelu, 0.2, 0), (Activation.Clip, -0.5, 0.5),
        (Activation.Sigmoid, 0, 0), (Activation.Tanh, 0, 0), (Activation.Elu, 0.7, 0),
    ];

    /// <summary>A layer of the list.</summary>
    public static Shape Find(ShapeCatalog catalog, string name) => catalog.Find(name).First(shape => shape.Batch == 1);

    /// <summary>The layer with an activation.</summary>
    public static ConvDescriptor Activate(ConvDescriptor descriptor, (Activation Activation, double Alpha, double Beta) activation)
    {
        (descriptor.Activation, descriptor.ActivationAlpha, descriptor.ActivationBeta) = activation;
        return descriptor;
    }
}
