using System.Diagnostics;
using System.Globalization;

namespace Reco.Engine.Cli.Tests.Support;

/// <summary>A file system of a few kilobytes, in memory.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(int kilobytes)
    {
        Path = Directory.CreateTempSubdirectory("reco-disk-").FullName;
        Run("mount", "-t", "tmpfs", "-o", Size(kilobytes), "tmpfs", Path);
    }

    public static bool IsPossible { get; } = Probe();

    public string Path { get; }

    public void Grow(int kilobytes) => Run("mount", "-o", $"remount,{Size(kilobytes)}", Path);

    public void Dispose()
    {
        Run("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static string Size(int kilobytes) => string.Create(CultureInfo.InvariantCulture, $"size={kilobytes}k");

    private static bool Probe()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return false;
        }

        try
        {
            using var disk = new SmallDisk(64);
            return true;
        }
        catch (InvalidOperationException)
        {
            // A container without the right to mount.
            return false;
        }
    }

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command} {string.Join(' ', arguments)}: {error}");
        }
    }
}
