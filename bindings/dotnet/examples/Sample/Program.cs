// The same program in every language of bindings/: the worked example that the project began with, then a filter over a photo.
//
//     Sample photo.pgm sharpened.pgm
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NativeConv.Interop;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length != 2)
{
    Console.Error.WriteLine("usage: Sample photo.pgm sharpened.pgm");
    return 2;
}

Article();
Sharpen(args[0], args[1]);
return 0;

// A 9 x 9 picture of ones, a kernel with the weights 1 to 9 that moves by 3; how the sum of the results changes with each pixel; and
// the deconvolution of 3 x 3 ones, which prints the same grid.
static void Article()
{
    float[] ones = [.. Enumerable.Repeat(1f, 81)], w = [1, 2, 3, 4, 5, 6, 7, 8, 9], y = new float[9], dx = new float[81], enlarged = new float[81];
    using var conv = new Plan<float>(new Layer(Kind.Conv, (9, 9)) { InChannels = 1, OutChannels = 1, Kernel = 3, Stride = 3 });
    conv.Forward(ones, w, default, y);
    conv.BackwardData(ones.AsSpan(0, 9), w, default, dx);
    using var deconv = new Plan<float>(new Layer(Kind.Deconv, (3, 3)) { InChannels = 1, OutChannels = 1, Kernel = 3, Stride = 3 });
    deconv.Forward(ones.AsSpan(0, 9), w, default, enlarged);

    PrintGrid("conv:", y, 3);
    PrintGrid("gradient of its sum:", dx, 9);
    PrintGrid("deconv:", enlarged, 9);
}

static void PrintGrid(string title, float[] grid, int size)
{
    Console.WriteLine(title);
    foreach (var row in grid.Chunk(size))
    {
        Console.WriteLine(string.Concat(row.Select(value => $"{value,4}")));
    }
}

static void Sharpen(string from, string to)
{
    var content = File.ReadAllBytes(from);
    var header = Regex.Match(Encoding.Latin1.GetString(content), @"^P5\s+(\d+)\s+(\d+)\s+255\s");
    if (!header.Success)
    {
        throw new InvalidDataException($"{from} is not a PGM file");
    }

    var (width, height) = (int.Parse(header.Groups[1].Value), int.Parse(header.Groups[2].Value));
    float[] x = [.. content.Skip(header.Length).Take(width * height).Select(pixel => (float)pixel)], y = new float[x.Length], w = [0, -1, 0, -1, 5, -1, 0, -1, 0];
    using var plan = new Plan<float>(new Layer(Kind.Conv, (height, width))
    {
        InChannels = 1, OutChannels = 1, Kernel = 3, Padding = 1, Activation = Activation.Clip, ActivationAlpha = 0, ActivationBeta = 255,
    });
    plan.Forward(x, w, default, y);
    if (!y.AsSpan().SequenceEqual(Managed(x, w, height, width)))
    {
        throw new InvalidOperationException("the managed engine computed other bits");
    }

    Console.WriteLine($"photo: {width} x {height}, sharpened, mean {y.Average(pixel => (double)pixel):F4}");
    File.WriteAllBytes(to, [.. Encoding.ASCII.GetBytes($"P5\n{width} {height}\n255\n"), .. y.Select(pixel => (byte)pixel)]);
}

// The same layer without a native file: the package NativeConv is the engine itself, compiled by the JIT.
static float[] Managed(float[] x, float[] w, int height, int width)
{
    var descriptor = new NativeConv.ConvDescriptor
    {
        Kind = NativeConv.ConvKind.Conv, Rank = 2, Batch = 1, InChannels = 1, OutChannels = 1,
        Activation = NativeConv.Activation.Clip, ActivationAlpha = 0, ActivationBeta = 255,
    };
    (descriptor.Input[0], descriptor.Input[1]) = (height, width);
    for (var axis = 0; axis < 2; axis++)
    {
        (descriptor.Kernel[axis], descriptor.PadBegin[axis], descriptor.PadEnd[axis]) = (3, 1, 1);
    }

    var y = new float[x.Length];
    using var plan = NativeConv.ConvPlan.Create(descriptor);
    plan.Forward<float>(x, w, [], y);
    return y;
}
