using System.IO.Compression;

namespace Reco.Engine.State;

/// <summary>Checkpoints on disk: plain JSON, or compressed by gzip where the official engine was told to.</summary>
internal static class CheckpointFile
{
    /// <summary>The content as it stands in a file of this name.</summary>
    public static byte[] OnDisk(string path, byte[] content)
    {
        if (!path.EndsWith(StateFolder.Gzip, StringComparison.Ordinal))
        {
            return content;
        }

        using var result = new MemoryStream();
        using (var zip = new GZipStream(result, CompressionLevel.Fastest))
        {
            zip.Write(content);
        }

        return result.ToArray();
    }

    /// <summary>The content of a file without its compression.</summary>
    public static byte[] Plain(byte[] content)
    {
        if (content is not [0x1f, 0x8b, ..])
        {
            return content;
        }

        using var zip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        using var result = new MemoryStream();
        zip.CopyTo(result);
        return result.ToArray();
    }

    /// <summary>Ending of the names of a checkpoint's copies.</summary>
    public static string Ending(string checkpoint) => checkpoint.EndsWith(StateFolder.Gzip, StringComparison.Ordinal) ? ".json" + StateFolder.Gzip : ".json";
}
