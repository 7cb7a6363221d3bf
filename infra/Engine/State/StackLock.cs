using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reco.Engine.State;

/// <summary>The lock of a stack, in the official form: one file a holder, and who finds another's file steps back.</summary>
internal sealed class StackLock : IDisposable
{
    private readonly string path;

    private StackLock(string path) => this.path = path;

    /// <summary>Takes the lock. The lock of a process of this machine and user that is gone is removed, and told.</summary>
    /// <param name="folder">Where state is.</param>
    /// <param name="name">Stack.</param>
    /// <param name="time">Clock.</param>
    /// <param name="tell">Takes notes for the user.</param>
    /// <exception cref="EngineException">Somebody else holds it; the message names the holder.</exception>
    public static StackLock Take(StateFolder folder, StackName name, TimeProvider time, Action<string> tell)
    {
        var locks = folder.Locks(name);
        Directory.CreateDirectory(locks);
        Refuse(locks, own: null, name, tell);
        var path = Path.Combine(locks, $"{Guid.NewGuid()}.json");
        DurableFile.Write(path, new JsonObject
        {
            ["pid"] = Environment.ProcessId,
            ["username"] = Environment.UserName,
            ["hostname"] = Environment.MachineName,
            ["timestamp"] = time.GetLocalNow().ToString("yyyy-MM-ddTHH:mm:ss.fffffffK", CultureInfo.InvariantCulture),
        }.ToJsonString());
        try
        {
            // Two that came at the same moment see each other's file: the one with the smaller name stays.
            Refuse(locks, path, name, tell);
            return new StackLock(path);
        }
        catch (EngineException)
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Removes every lock of a stack (<c>cancel</c>).</summary>
    /// <returns>Who held them.</returns>
    public static IReadOnlyList<string> Break(StateFolder folder, StackName name)
    {
        var broken = new List<string>();
        foreach (var file in Files(folder.Locks(name)))
        {
            broken.Add(Describe(Read(file)));
            File.Delete(file);
        }

        return broken;
    }

    /// <inheritdoc/>
    public void Dispose() => File.Delete(path);

    private static void Refuse(string locks, string? own, StackName name, Action<string> tell)
    {
        foreach (var file in Files(locks).Where(file => file != own))
        {
            var holder = Read(file);
            if (IsGone(holder))
            {
                tell($"the lock of stack '{name.Stack}' was held by {Describe(holder)}, which is gone; it is removed");
                File.Delete(file);
                continue;
            }

            if (own is not null && string.CompareOrdinal(Path.GetFileName(own), Path.GetFileName(file)) < 0 && IsYoung(file))
            {
                // That one checks after us and steps back.
                continue;
            }

            throw new EngineException(
                $"stack '{name.Stack}' is locked by {Describe(holder)}. Wait for it to end; if it is gone, run 'reco cancel --stack {name.Stack}'.", 1);
        }
    }

    private static string[] Files(string locks) => Directory.Exists(locks) ? Directory.GetFiles(locks, "*.json") : [];

    private static bool IsYoung(string file) => DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < TimeSpan.FromSeconds(2);

    private static JsonObject? Read(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file)) as JsonObject;
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return null;
        }
    }

    private static string Describe(JsonObject? holder) => holder is null
        ? "an unreadable lock file"
        : $"process {holder["pid"]} of {holder["username"]} on {holder["hostname"]} since {holder["timestamp"]}";

    private static bool IsGone(JsonObject? holder)
    {
        if (holder?["hostname"]?.ToString() != Environment.MachineName || !int.TryParse(holder["pid"]?.ToString(), CultureInfo.InvariantCulture, out var pid))
        {
            return false;
        }

        try
        {
            using var process = Process.GetProcessById(pid);

            // A process that began after the lock was written is another one with the same number.
            return process.HasExited || (DateTimeOffset.TryParse(holder["timestamp"]?.ToString(), CultureInfo.InvariantCulture, out var taken)
                && process.StartTime.ToUniversalTime() > taken.UtcDateTime.AddSeconds(2));
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return true;
        }
    }
}
