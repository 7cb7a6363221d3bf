using System.Text;

namespace Reco.Engine.State;

/// <summary>Writes files so that after a crash or a full disk there is the old content or the new one, never part of it.</summary>
internal static class DurableFile
{
    /// <summary>Replaces a file's content, durably.</summary>
    /// <exception cref="EngineException">The disk is full or the folder cannot be written; the old content stands.</exception>
    public static void Write(string path, string content)
    {
        var fresh = $"{path}.{Environment.ProcessId}.new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var stream = new FileStream(fresh, options))
            {
                stream.Write(Encoding.UTF8.GetBytes(content));
                stream.Flush(flushToDisk: true);
            }

            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(fresh);
            throw new EngineException($"'{path}' cannot be written: {error.Message}. The file is as it was before.", 1, error);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The message about the write that failed is the one that matters.
        }
    }
}
