namespace Reco.Engine.State;

/// <summary>The operations by which state reaches the disk. Each is durable when it returns; tests make them fail, or the
/// process end, at any of them.</summary>
internal interface IStateFiles
{
    /// <summary>Makes a file (or empties it) and writes its content; after a crash part of it may be there.</summary>
    void Write(string path, ReadOnlySpan<byte> content);

    /// <summary>Adds to the end of a file, which is made where it does not exist; after a crash part of it may be there.
    /// Where it fails without a crash, the file is as it was.</summary>
    void Append(string path, ReadOnlySpan<byte> content);

    /// <summary>Puts a file in the place of another, at once.</summary>
    void Move(string from, string to);

    /// <summary>Removes a file, where it exists.</summary>
    void Delete(string path);
}

/// <summary>The real disk.</summary>
internal sealed class StateFiles : IStateFiles
{
    /// <summary>The one instance.</summary>
    public static readonly StateFiles Disk = new();

    /// <inheritdoc/>
    public void Write(string path, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(path, Options(FileMode.Create));
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Append(string path, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(path, Options(FileMode.OpenOrCreate));
        var length = stream.Seek(0, SeekOrigin.End);
        try
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            stream.SetLength(length);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Move(string from, string to) => File.Move(from, to, overwrite: true);

    /// <inheritdoc/>
    public void Delete(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    // State holds what others should not read, if only encrypted. No buffer: a write that fails must not be tried again
    // when the stream is closed.
    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
