#nullable enable
using System;

namespace NativeConv.Interop
{
    /// <summary>
    /// A layer, said field by field; what is not said has the library's default, and the batch is 1.
    /// <code>new Layer(Kind.Conv, (480, 640)) { InChannels = 3, OutChannels = 16, Kernel = 3, Padding = 1 }</code>
    /// </summary>
    public sealed unsafe class Layer
    {
        private NcConvDesc desc;

        /// <param name="kind">convolution, or transposed convolution</param>
        /// <param name="input">spatial sizes of x, one for each axis; a single number: one axis</param>
        public Layer(Kind kind, Axes input)
        {
            Library.EnsureLoaded();
            var rank = Math.Max(1, input.Count);
            fixed (NcConvDesc* target = &desc)
            {
                NativeConvException.Check(NativeMethods.nc_conv_desc_init(target, (nuint)sizeof(NcConvDesc), (int)kind, rank));
                Set(nameof(input), target->Input, input);
            }

            desc.Batch = 1;
        }

        /// <summary>Everything, as the library reads it.</summary>
        public ref NcConvDesc Desc => ref desc;

        public Kind Kind => (Kind)desc.Kind;

        /// <summary>Spatial axes.</summary>
        public int Rank => desc.Rank;

        /// <summary>Images, &gt;= 0.</summary>
        public long Batch { get => desc.Batch; set => desc.Batch = value; }

        public long InChannels { get => desc.InChannels; set => desc.InChannels = value; }

        public long OutChannels { get => desc.OutChannels; set => desc.OutChannels = value; }

        /// <summary>Blocks of channels that do not see each other.</summary>
        public long Groups { get => Math.Max(1, desc.Groups); set => desc.Groups = value; }

        public Activation Activation { get => (Activation)desc.Activation; set => desc.Activation = (int)value; }

        public double ActivationAlpha { get => desc.ActivationAlpha; set => desc.ActivationAlpha = value; }

        public double ActivationBeta { get => desc.ActivationBeta; set => desc.ActivationBeta = value; }

        public GradientRule GradientRule { get => (GradientRule)desc.GradientRule; set => desc.GradientRule = (int)value; }

        public Algorithm Algorithm { get => (Algorithm)desc.Algorithm; set => desc.Algorithm = (int)value; }

        /// <summary>Bytes that one thread may need; 0: no limit.</summary>
        public long WorkspaceLimit { get => desc.WorkspaceLimit; set => desc.WorkspaceLimit = value; }

        public Axes Kernel
        {
            set
            {
                fixed (long* numbers = desc.Kernel)
                {
                    Set(nameof(Kernel), numbers, value);
                }
            }
        }

        public Axes Stride
        {
            set
            {
                fixed (long* numbers = desc.Stride)
                {
                    Set(nameof(Stride), numbers, value);
                }
            }
        }

        public Axes Dilation
        {
            set
            {
                fixed (long* numbers = desc.Dilation)
                {
                    Set(nameof(Dilation), numbers, value);
                }
            }
        }

        /// <summary>Both <see cref="PadBegin"/> and <see cref="PadEnd"/>.</summary>
        public Axes Padding
        {
            set
            {
                PadBegin = value;
                PadEnd = value;
            }
        }

        public Axes PadBegin
        {
            set
            {
                fixed (long* numbers = desc.PadBegin)
                {
                    Set(nameof(PadBegin), numbers, value);
                }
            }
        }

        public Axes PadEnd
        {
            set
            {
                fixed (long* numbers = desc.PadEnd)
                {
                    Set(nameof(PadEnd), numbers, value);
                }
            }
        }

        /// <summary>Deconv: rows added at the end.</summary>
        public Axes OutputPadding
        {
            set
            {
                fixed (long* numbers = desc.OutputPadding)
                {
                    Set(nameof(OutputPadding), numbers, value);
                }
            }
        }

        /// <summary>The spatial sizes of y; entries beyond the rank are 1.</summary>
        /// <exception cref="NativeConvException">the layer makes no convolution</exception>
        public long[] OutputShape()
        {
            var shape = new long[3];
            fixed (NcConvDesc* source = &desc)
            fixed (long* target = shape)
            {
                NativeConvException.Check(NativeMethods.nc_output_shape(source, target));
            }

            return shape;
        }

        /// <summary>Shape, strides and bytes of one tensor.</summary>
        /// <exception cref="NativeConvException">the layer makes no convolution</exception>
        public NcTensor Describe(TensorName tensor)
        {
            var info = new NcTensor { StructSize = (uint)sizeof(NcTensor) };
            fixed (NcConvDesc* source = &desc)
            {
                NativeConvException.Check(NativeMethods.nc_describe_tensor(source, (int)tensor, &info));
            }

            return info;
        }

        private void Set(string name, long* field, Axes numbers)
        {
            if (numbers.Count != 0 && numbers.Count != desc.Rank)
            {
                throw new ArgumentException($"{numbers.Count} numbers came, the layer has {desc.Rank} spatial axes", name);
            }

            for (var axis = 0; axis < desc.Rank; axis++)
            {
                field[axis] = numbers[axis];
            }
        }
    }
}
