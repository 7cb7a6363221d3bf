using System.Globalization;
using System.Text;

namespace Reco.LocalCluster.Kubelet;

/// <summary>What the kernel says of processes.</summary>
internal static class ProcessTable
{
    /// <summary>Identity of this boot: process IDs and start times mean nothing in another.</summary>
    public static string Boot { get; } = ReadBoot();

    /// <summary>Start time of a process, in clock ticks since boot; null where there is no such process or it is a zombie.</summary>
    public static long? StartTicks(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Memory by session (a container is one) in bytes, as a control group would count it: what is the processes'
    /// alone, not mapped files.</summary>
    public static Dictionary<int, double> MemoryBySession()
    {
        var result = new Dictionary<int, double>();
        foreach (var pid in All())
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{pid}/stat");
                var session = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3], CultureInfo.InvariantCulture);
                result[session] = result.GetValueOrDefault(session) + Own(pid);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or is not ours.
            }
        }

        return result;
    }

    /// <summary>Ends every process with a container's marker in its environment.</summary>
    public static void KillMarked(string marker)
    {
        if (marker.Length == 0)
        {
            return;
        }

        var entry = Encoding.UTF8.GetBytes($"{ContainerProcess.MarkerVariable}={marker}\0");

        // A process that forks meanwhile leaves a child for the next look.
        for (var round = 0; round < 10; round++)
        {
            var found = All().Where(pid => StartTicks(pid) is not null && Has(pid, entry)).ToArray();
            foreach (var pid in found)
            {
                Native.Signal(pid, Native.Kill);
            }

            if (found.Length == 0)
            {
                return;
            }

            Thread.Sleep(5);
        }
    }

    private static bool Has(int pid, byte[] entry)
    {
        try
        {
            var environment = File.ReadAllBytes($"/proc/{pid}/environ");
            var at = environment.AsSpan().IndexOf(entry);
            return at == 0 || (at > 0 && environment[at - 1] == 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static IEnumerable<int> All() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0).Where(pid => pid > 1);

    private static string ReadBoot()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static double Own(int pid)
    {
        double kilobytes = 0;
        foreach (var line in File.ReadLines($"/proc/{pid}/status"))
        {
            if (line.StartsWith("RssAnon:", StringComparison.Ordinal) || line.StartsWith("RssShmem:", StringComparison.Ordinal))
            {
                kilobytes += double.Parse(line.AsSpan(line.IndexOf(':') + 1).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
            }
        }

        return kilobytes * 1024;
    }
}
