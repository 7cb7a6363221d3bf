using System.Globalization;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Memory of processes, as a control group would count it: what is theirs alone, not mapped files.</summary>
internal static class ProcessMemory
{
    /// <summary>Bytes by session (a container is one).</summary>
    public static Dictionary<int, double> BySession()
    {
        var result = new Dictionary<int, double>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!char.IsAsciiDigit(Path.GetFileName(folder)[0]))
            {
                continue;
            }

            try
            {
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                var session = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3], CultureInfo.InvariantCulture);
                result[session] = result.GetValueOrDefault(session) + Own(Path.Combine(folder, "status"));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or is not ours.
            }
        }

        return result;
    }

    private static double Own(string status)
    {
        double kilobytes = 0;
        foreach (var line in File.ReadLines(status))
        {
            if (line.StartsWith("RssAnon:", StringComparison.Ordinal) || line.StartsWith("RssShmem:", StringComparison.Ordinal))
            {
                kilobytes += double.Parse(line.AsSpan(line.IndexOf(':') + 1).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
            }
        }

        return kilobytes * 1024;
    }
}
