#nullable enable
using System;

namespace NativeConv.Interop
{
    /// <summary>A call that the library refused. The message is the library's own, and begins with the field at fault.</summary>
    public sealed unsafe class NativeConvException : Exception
    {
        internal NativeConvException(Status status, string message)
            : base(message) => Status = status;

        /// <summary>Why, as a number.</summary>
        public Status Status { get; }

        /// <summary>Throws unless a call succeeded.</summary>
        internal static void Check(int status)
        {
            if (status != 0)
            {
                throw new NativeConvException((Status)status, Library.LastError() + " (" + Library.StatusString((Status)status) + ")");
            }
        }
    }
}
