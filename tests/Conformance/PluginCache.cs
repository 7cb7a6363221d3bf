namespace Reco.Conformance;

/// <summary>A Pulumi home of the tests' own with the plugins under Plugins/, in the official layout of the plugin cache.</summary>
internal static class PluginCache
{
    private static readonly Lazy<string> Made = new(Make);

    /// <summary>The folder for <c>PULUMI_HOME</c>.</summary>
    public static string Home => Made.Value;

    private static string Make()
    {
        var home = Directory.CreateTempSubdirectory("reco-plugins-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(home, recursive: true);
        Add(home, "testing", "1.0.0", Script("testing.js"));
        Add(home, "hosted", "0.1.0", Script("hosted.js"));
        Add(home, "garbage", "1.0.0", "echo 'Hello, I am not a port'; sleep 30");
        Add(home, "silent", "1.0.0", "echo 'the licence has run out' >&2; exit 3");
        return home;
    }

    private static string Script(string file) => $"exec node '{Path.Combine(Repository.Root, "tests", "Conformance", "Plugins", file)}' \"$@\"";

    private static void Add(string home, string name, string version, string command)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, "plugins", $"resource-{name}-v{version}")).FullName;
        WriteProgram(Path.Combine(folder, $"pulumi-resource-{name}"), command);
    }

    /// <summary>Writes a shell script that can be run as a program.</summary>
    public static void WriteProgram(string program, string command)
    {
        File.WriteAllText(program, $"#!/bin/sh\n{command}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, (UnixFileMode)Convert.ToInt32("755", 8));
        }
    }
}
