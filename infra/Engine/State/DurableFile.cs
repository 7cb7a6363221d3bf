using System.Text;

namespace Reco.Engine.State;

/// <summary>Writes files so that after a crash or a full disk there is the old content or the new one, never part of it.</summary>
internal static class DurableFile
{
    /// <summary>Replaces a file's content, durably.</summary>
    /// <exception cref="EngineException">The disk is full or the folder cannot be written; the old content stands.</exception>
    public static void Write(string path, string content, IStateFiles? files = null) => Write(path, Encoding.UTF8.GetBytes(content), files);

    /// <summary>Replaces a file's content, durably.</summary>
    /// <param name="path">File.</param>
    /// <param name="content">New content.</param>
    /// <param name="files">Where it is written; the disk where none is given.</param>
    /// <param name="beside">Folder on the same disk in which the new file is made; the file's own where none is given.</param>
    /// <exception cref="EngineException">The disk is full or the folder cannot be written; the old content stands.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, IStateFiles? files = null, string? beside = null)
    {
        files ??= StateFiles.Disk;
        var fresh = $"{(beside is null ? path : Path.Combine(beside, Path.GetFileName(path)))}.{Environment.ProcessId}.new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(fresh)!);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            files.Write(fresh, content);
            files.Move(fresh, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(fresh, files);
            throw new EngineException($"'{path}' cannot be written: {error.Message}. The file is as it was before.", 1, error);
        }
    }

    private static void TryDelete(string path, IStateFiles files)
    {
        try
        {
            files.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The message about the write that failed is the one that matters.
        }
    }
}
