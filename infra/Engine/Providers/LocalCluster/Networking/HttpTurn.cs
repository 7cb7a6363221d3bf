using System.Globalization;
using System.Text;

namespace Reco.LocalCluster.Networking;

/// <summary>Follows one request and its answer on an HTTP/1.1 connection, from the bytes alone: whether the request could be
/// sent again, and whether its answer is complete.</summary>
internal sealed class HttpTurn
{
    private const int MostKept = 256 * 1024;
    private const int MostHead = 32 * 1024;
    private static readonly string[] Repeatable = ["GET ", "HEAD ", "PUT ", "DELETE ", "OPTIONS "];
    private static readonly string[] Others = ["POST ", "PATCH "];
    private readonly MemoryStream request = new();
    private readonly MemoryStream head = new();
    private bool tooLong;
    private bool headRead;
    private long left = -1;
    private bool chunked;
    private bool closes;
    private readonly byte[] tail = new byte[5];
    private int tailLength;

    /// <summary>Whether any byte of the request has been seen.</summary>
    public bool HasRequest => request.Length > 0 || tooLong;

    /// <summary>Whether any byte of the answer has been seen.</summary>
    public bool HasAnswer { get; private set; }

    /// <summary>Whether the connection is no plain HTTP/1.1 any more: it is then only copied.</summary>
    public bool IsOpaque { get; private set; }

    /// <summary>Whether the answer has come in full and the connection may carry another request.</summary>
    public bool IsComplete => !IsOpaque && headRead && !closes && (chunked ? tail.AsSpan().SequenceEqual("0\r\n\r\n"u8) : left == 0);

    /// <summary>The request, to be sent again.</summary>
    public ReadOnlyMemory<byte> Request => request.GetBuffer().AsMemory(0, (int)request.Length);

    /// <summary>Whether bytes begin an HTTP/1 request.</summary>
    public static bool IsRequest(ReadOnlySpan<byte> bytes) => Begins(bytes, Repeatable) || Begins(bytes, Others);

    /// <summary>Whether the request may be sent to another server when this one has closed without an answer.</summary>
    /// <param name="isLeaving">Whether the server was on its way out: one that ends properly finishes what it has begun, so what
    /// it did not answer it did not begin.</param>
    public bool MayRepeat(bool isLeaving) => !HasAnswer && !tooLong && request.Length > 0
        && (Begins(Request.Span, Repeatable) || (isLeaving && Begins(Request.Span, Others)));

    /// <summary>Notes bytes of the client.</summary>
    public void AddRequest(ReadOnlySpan<byte> bytes)
    {
        if (request.Length + bytes.Length > MostKept)
        {
            tooLong = true;
            request.SetLength(0);
        }
        else if (!tooLong)
        {
            request.Write(bytes);
        }
    }

    /// <summary>Notes bytes of the server.</summary>
    public void AddAnswer(ReadOnlySpan<byte> bytes)
    {
        HasAnswer = true;
        if (IsOpaque)
        {
            return;
        }

        if (headRead)
        {
            AddBody(bytes);
            return;
        }

        head.Write(bytes);
        var seen = head.GetBuffer().AsSpan(0, (int)head.Length);
        var end = seen.IndexOf("\r\n\r\n"u8);
        if (!seen[..Math.Min(seen.Length, 7)].SequenceEqual("HTTP/1."u8[..Math.Min(seen.Length, 7)]) || (end < 0 && seen.Length > MostHead))
        {
            IsOpaque = true;
        }
        else if (end >= 0)
        {
            ReadHead(Encoding.ASCII.GetString(seen[..end]));
            AddBody(seen[(end + 4)..]);
        }
    }

    private static bool Begins(ReadOnlySpan<byte> bytes, string[] methods)
    {
        foreach (var method in methods)
        {
            if (bytes.Length >= method.Length && Ascii.Equals(bytes[..method.Length], method))
            {
                return true;
            }
        }

        return false;
    }

    private void ReadHead(string text)
    {
        headRead = true;
        var lines = text.Split("\r\n");
        var status = lines[0].Split(' ') is [_, var number, ..] && int.TryParse(number, CultureInfo.InvariantCulture, out var code) ? code : 0;
        if (status is 101 or 0)
        {
            IsOpaque = true;
            return;
        }

        closes = lines[0].StartsWith("HTTP/1.0", StringComparison.Ordinal);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = colon < 0 ? ("", "") : (line[..colon], line[(colon + 1)..].Trim());
            if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && long.TryParse(value, CultureInfo.InvariantCulture, out var length))
            {
                left = length;
            }
            else if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            {
                chunked = value.EndsWith("chunked", StringComparison.OrdinalIgnoreCase);
            }
            else if (name.Equals("Connection", StringComparison.OrdinalIgnoreCase) && value.Contains("close", StringComparison.OrdinalIgnoreCase))
            {
                closes = true;
            }
        }

        if (status is >= 100 and < 200 or 204 or 304 || (Request.Length >= 5 && Ascii.Equals(Request.Span[..5], "HEAD ")))
        {
            (left, chunked) = (0, false);
        }
    }

    private void AddBody(ReadOnlySpan<byte> bytes)
    {
        if (left > 0)
        {
            left = Math.Max(0, left - bytes.Length);
        }

        if (!chunked || bytes.Length == 0)
        {
            return;
        }

        if (bytes.Length >= tail.Length)
        {
            bytes[^tail.Length..].CopyTo(tail);
            tailLength = tail.Length;
            return;
        }

        var kept = Math.Min(tailLength, tail.Length - bytes.Length);
        tail.AsSpan(tailLength - kept, kept).CopyTo(tail);
        bytes.CopyTo(tail.AsSpan(kept));
        tailLength = kept + bytes.Length;
    }
}
