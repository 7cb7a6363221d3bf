using System.Buffers;

namespace Reco.Scoring.Hosting;

/// <summary>Reads a request's body to its end. Kestrel enforces the size and the rate.</summary>
internal static class RequestBody
{
    /// <summary>Reads the body and hands it to a delegate; the bytes are valid until it returns.</summary>
    public static async Task<T> ReadAsync<T>(HttpContext context, Func<ReadOnlySpan<byte>, T> read)
    {
        if (context.Request.Headers.ContentEncoding is { Count: > 0 } encoding && encoding != "identity")
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, $"the body is encoded as {encoding}; send it as it is");
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            if (!result.IsCompleted)
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            try
            {
                return Read(result.Buffer, read);
            }
            finally
            {
                reader.AdvanceTo(result.Buffer.End);
            }
        }
    }

    private static T Read<T>(ReadOnlySequence<byte> body, Func<ReadOnlySpan<byte>, T> read)
    {
        if (body.IsSingleSegment)
        {
            return read(body.FirstSpan);
        }

        var length = (int)body.Length;
        var copy = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(copy);
            return read(copy.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }
}
