#nullable enable
using System;

namespace NativeConv.Interop
{
    /// <summary>One number for every spatial axis (<c>3</c>), or one for each, outermost first (<c>(3, 5)</c>).</summary>
    public readonly struct Axes
    {
        private readonly long first;
        private readonly long second;
        private readonly long third;

        private Axes(int count, long first, long second, long third)
        {
            Count = count;
            this.first = first;
            this.second = second;
            this.third = third;
        }

        /// <summary>Numbers given; 0: one for all.</summary>
        public int Count { get; }

        public long this[int axis] => axis == 0 || Count == 0 ? first : axis == 1 ? second : third;

        public static implicit operator Axes(long all) => new Axes(0, all, all, all);

        public static implicit operator Axes((long First, long Second) each) => new Axes(2, each.First, each.Second, 0);

        public static implicit operator Axes((long First, long Second, long Third) each) => new Axes(3, each.First, each.Second, each.Third);

        /// <exception cref="ArgumentException">not one to three numbers</exception>
        public static implicit operator Axes(long[] each)
        {
            if (each.Length < 1 || each.Length > 3)
            {
                throw new ArgumentException($"{each.Length} numbers came, one to three are needed, one for each spatial axis");
            }

            return new Axes(each.Length, each[0], each.Length > 1 ? each[1] : 0, each.Length > 2 ? each[2] : 0);
        }
    }
}
