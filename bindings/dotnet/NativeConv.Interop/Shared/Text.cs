#nullable enable
using System.Text;

namespace NativeConv.Interop
{
    /// <summary>The library's strings: UTF-8, terminated.</summary>
    internal static unsafe class Text
    {
        public static string Of(byte* text)
        {
            var length = 0;
            while (text[length] != 0)
            {
                length++;
            }

            return Encoding.UTF8.GetString(text, length);
        }
    }
}
