using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reco.Engine.State;

/// <summary>The lock of a stack, in the official form: one file a holder, and who finds another's file steps back. Among
/// engines of this kind looking and taking are one: they come through a gate that the operating system keeps.</summary>
internal sealed class StackLock : IDisposable
{
    private static readonly TimeSpan GateLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GatePause = TimeSpan.FromMilliseconds(20);
    private readonly string path;

    private StackLock(string path) => this.path = path;

    /// <summary>Takes the lock. The lock of a process of this machine that is gone is removed, and told.</summary>
    /// <param name="folder">Where state is.</param>
    /// <param name="name">Stack.</param>
    /// <param name="time">Clock.</param>
    /// <param name="tell">Takes notes for the user.</param>
    /// <exception cref="EngineException">Somebody else holds it; the message names the holder.</exception>
    public static StackLock Take(StateFolder folder, StackName name, TimeProvider time, Action<string> tell)
    {
        var locks = folder.Locks(name);
        var path = Path.Combine(locks, $"{Guid.NewGuid()}.json");
        using (EnterGate(folder, name))
        {
            Refuse(locks, own: null, name, tell);

            // Made elsewhere: a half-written file among the locks would confuse who reads it.
            DurableFile.Write(path, Encoding.UTF8.GetBytes(Content(time).ToJsonString()), beside: folder.Journals(name));
        }

        try
        {
            // An official engine does not know the gate. It writes its file, looks again and steps back, and so do we.
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

    /// <summary>Whether somebody holds the lock.</summary>
    public static bool IsHeld(StateFolder folder, StackName name) => Array.Exists(Files(folder.Locks(name)), file => !IsGone(Read(file)));

    /// <inheritdoc/>
    public void Dispose()
    {
        // Where 'cancel' has broken it, the folder may be gone with the stack.
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(path);
        }
    }

    private static JsonObject Content(TimeProvider time) => new()
    {
        ["pid"] = Environment.ProcessId,
        ["username"] = Environment.UserName,
        ["hostname"] = Environment.MachineName,
        ["timestamp"] = time.GetLocalNow().ToString("yyyy-MM-ddTHH:mm:ss.fffffffK", CultureInfo.InvariantCulture),
    };

    /// <summary>Waits until nobody else of this kind is between looking and taking.</summary>
    /// <param name="folder">Where state is.</param>
    /// <param name="name">Stack.</param>
    /// <param name="what">What is looked at and taken: <c>gate</c> is the lock.</param>
    /// <exception cref="EngineException">Somebody else is for too long, or the folder cannot be written.</exception>
    public static FileStream EnterGate(StateFolder folder, StackName name, string what = "gate")
    {
        var path = Path.Combine(folder.Journals(name), $"{name.Stack}.{what}");
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                Directory.CreateDirectory(folder.Locks(name));
                Directory.CreateDirectory(folder.Journals(name));
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited.Elapsed < GateLimit && File.Exists(path))
            {
                Thread.Sleep(GatePause);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new EngineException($"stack '{name.Stack}' cannot be locked ({path}): {error.Message}", 1, error);
            }
        }
    }

    private static void Refuse(string locks, string? own, StackName name, Action<string> tell)
    {
        foreach (var file in Files(locks).Where(file => file != own))
        {
            var holder = Read(file);
            if (holder is null && !File.Exists(file))
            {
                continue;
            }

            if (IsGone(holder))
            {
                tell($"the lock of stack '{name.Stack}' was held by {Describe(holder)}, which is gone; it is removed");
                File.Delete(file);
                continue;
            }

            throw new EngineException(
                $"stack '{name.Stack}': the stack is currently locked by {Describe(holder)} ({file}). Wait for it to end; if it is gone, run 'reco cancel --stack {name.Stack}'.", 1);
        }
    }

    private static string[] Files(string locks) => Directory.Exists(locks) ? Directory.GetFiles(locks, "*.json") : [];

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
