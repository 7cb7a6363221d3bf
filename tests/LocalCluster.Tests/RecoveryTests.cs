using System.Diagnostics;
using k8s;
using k8s.Models;

namespace Reco.LocalCluster.Tests;

/// <summary>Crashes and restarts of the daemon.</summary>
public sealed class RecoveryTests
{
    private static async Task<int> PidAsync(Cluster cluster, string space, string pod)
    {
        var pid = 0;
        await cluster.UntilAsync(async () => await cluster.LogAsync(space, pod) is { Length: > 0 } log && int.TryParse(log.Split('\n')[0], out pid), "the process says its number");
        return pid;
    }

    [Fact]
    public async Task Kill_OfTheDaemon_LeavesContainersRunning_AndTheNextAdoptsThem()
    {
        await using var cluster = new Cluster();
        await cluster.StartAsync();
        var space = await cluster.SpaceAsync();
        var starts = Path.Combine(cluster.Project, "starts");
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", $"echo $$; echo start >>{starts}; while :; do sleep 0.2; test -f {cluster.Project}/go && exit 5; done"), space);
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("q", $"echo $$; while :; do sleep 0.2; test -f {cluster.Project}/early && exit 6; done"), space);
        await cluster.ReadyAsync(space, "p");
        await cluster.ReadyAsync(space, "q");
        var pid = await PidAsync(cluster, space, "p");
        var version = (await cluster.Client.ListNamespacedPodAsync(space)).Metadata.ResourceVersion;

        await cluster.KillAsync();
        Assert.True(Cluster.Lives(pid));

        // One ends while nobody looks.
        await File.WriteAllTextAsync(Path.Combine(cluster.Project, "early"), "");
        await Task.Delay(700);
        await cluster.StartAsync();
        Assert.Equal(6, (await cluster.PhaseAsync(space, "q", "Failed")).Status.ContainerStatuses[0].State.Terminated.ExitCode);
        await cluster.ReadyAsync(space, "p");
        Assert.Equal(pid, await PidAsync(cluster, space, "p"));
        Assert.True(long.Parse((await cluster.Client.ListNamespacedPodAsync(space)).Metadata.ResourceVersion) >= long.Parse(version), "versions never go back");

        // The new daemon is its keeper in full: it learns the exit code.
        await File.WriteAllTextAsync(Path.Combine(cluster.Project, "go"), "");
        Assert.Equal(5, (await cluster.PhaseAsync(space, "p", "Failed")).Status.ContainerStatuses[0].State.Terminated.ExitCode);
        Assert.Single(await File.ReadAllLinesAsync(starts));
    }

    [Fact]
    public async Task Kill_AtRandomMoments_NeverStartsTwiceAndLosesNothing()
    {
        await using var cluster = new Cluster();
        await cluster.StartAsync();
        var space = await cluster.SpaceAsync();
        var starts = Path.Combine(cluster.Project, "starts");
        Directory.CreateDirectory(starts);
        var random = new Random(7);
        for (var round = 0; round < 5; round++)
        {
            var creating = Enumerable.Range(0, 4).Select(async i =>
            {
                try
                {
                    await cluster.Client.CreateNamespacedPodAsync(Cluster.Script($"p{round}-{i}", $"echo $$ >>{starts}/{round}-{i}; exec sleep 600"), space);
                }
                catch (Exception error) when (error is HttpRequestException or k8s.Autorest.HttpOperationException)
                {
                    // The daemon went while it was asked.
                }
            }).ToArray();
            await Task.Delay(random.Next(5, 150));
            await cluster.KillAsync();
            await Task.WhenAll(creating);
            await cluster.StartAsync();
        }

        var pods = (await cluster.Client.ListNamespacedPodAsync(space)).Items;
        foreach (var pod in pods)
        {
            await cluster.ReadyAsync(space, pod.Metadata.Name);
        }

        await cluster.UntilAsync(() => Task.FromResult(Directory.GetFiles(starts).Length == pods.Count), "every pod has begun");
        var lines = Directory.GetFiles(starts).Select(file => (File: file, Starts: File.ReadAllLines(file))).ToArray();
        Assert.All(lines, entry => Assert.True(entry.Starts.Length == 1, $"{entry.File} was started {entry.Starts.Length} times"));

        // And what the pods leave is nothing.
        var pids = lines.Select(entry => int.Parse(entry.Starts[0])).ToArray();
        Assert.All(pids, pid => Assert.True(Cluster.Lives(pid)));
        await cluster.Client.DeleteNamespaceAsync(space);
        await cluster.UntilAsync(async () => (await cluster.SendAsync(HttpMethod.Get, $"api/v1/namespaces/{space}")).Status == 404, "the namespace is gone");
        Assert.All(pids, pid => Assert.False(Cluster.Lives(pid)));
    }

    [Fact]
    public async Task Terminate_WithOpenWatches_EndsSoon_AndContainersRunOn()
    {
        await using var cluster = new Cluster();
        await cluster.StartAsync();
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", "echo $$; sleep 600"), space);
        var pid = await PidAsync(cluster, space, "p");
        using var watch = await cluster.Client.HttpClient.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(cluster.Client.BaseUri, "api/v1/pods?watch=true")) { Headers = { Authorization = new("Bearer", cluster.Configuration.AccessToken) } }, HttpCompletionOption.ResponseHeadersRead);
        var waited = Stopwatch.StartNew();
        await cluster.TerminateAsync();
        Assert.True(waited.Elapsed < TimeSpan.FromSeconds(20), $"it took {waited.Elapsed}");
        Assert.True(Cluster.Lives(pid));
        Assert.False(File.Exists(Path.Combine(cluster.State, "daemon.json")));
        await cluster.StartAsync();
        await cluster.ReadyAsync(space, "p");
        Assert.Equal(pid, await PidAsync(cluster, space, "p"));
    }

    [Fact]
    public async Task Daemon_Second_IsRefused()
    {
        await using var cluster = new Cluster();
        await cluster.StartAsync();
        using var second = cluster.Launch();
        await second.WaitForExitAsync().WaitAsync(Cluster.Patience);
        Assert.Equal(1, second.ExitCode);
        var error = await second.StandardError.ReadToEndAsync();
        Assert.Contains("already runs", error);
        Assert.Contains(cluster.Daemon.Id.ToString(), error);
        Assert.DoesNotContain("   at ", error);
        await cluster.Client.ListNamespaceAsync();
    }

    [Fact]
    public async Task Reboot_ProcessNumbersOfAnotherBoot_AreNotTakenForContainers()
    {
        await using var cluster = new Cluster();
        await cluster.StartAsync();
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", "sleep 600", spec => spec.RestartPolicy = "Always"), space);
        var pod = await cluster.ReadyAsync(space, "p");
        await cluster.KillAsync();

        // What the machine looks like after a reboot: the number is another process's, the boot another one.
        using var innocent = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        var file = Directory.GetFiles(Path.Combine(cluster.State, "pods", pod.Metadata.Uid, "containers"), "*.id").Single();
        var old = (await File.ReadAllTextAsync(file)).Trim();
        var oldPid = int.Parse(old[..old.IndexOf(' ')]);
        Process.GetProcessById(oldPid).Kill(entireProcessTree: true);
        var stat = (await File.ReadAllTextAsync($"/proc/{innocent.Id}/stat")).Trim();
        await File.WriteAllTextAsync(file, $"{stat} 00000000-0000-0000-0000-000000000000\n");
        await cluster.StartAsync();
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedPodAsync("p", space)).Status.ContainerStatuses[0] is { RestartCount: 1, State.Running: not null }, "the container runs again");
        Assert.False(innocent.HasExited);
        innocent.Kill();
    }

    [Fact]
    public async Task Object_DamagedOnDisk_IsSetAsideAndTheRestServes()
    {
        await using var cluster = new Cluster();
        await cluster.StartAsync();
        await cluster.Client.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "good" } }, "default");
        await cluster.Client.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "bad" } }, "default");
        await cluster.KillAsync();
        var file = Directory.GetFiles(Path.Combine(cluster.State, "objects", "configmaps"), "*bad.json").Single();
        await File.WriteAllTextAsync(file, "{\"trunca");
        await File.WriteAllTextAsync(file + ".new", "half");
        await cluster.StartAsync();
        Assert.Contains("set aside", cluster.Output);
        var names = (await cluster.Client.ListNamespacedConfigMapAsync("default")).Items.Select(map => map.Metadata.Name).ToArray();
        Assert.Contains("good", names);
        Assert.DoesNotContain("bad", names);
        Assert.False(File.Exists(file + ".new"));
    }

    [SmallDiskFact]
    public async Task Disk_Full_RefusesWritesKeepsServingAndRecovers()
    {
        var disk = SmallDiskFactAttribute.Mount();
        try
        {
            await using var cluster = new Cluster(Path.Combine(disk, "state"));
            await cluster.StartAsync();
            var space = await cluster.SpaceAsync();
            await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", $"while :; do sleep 0.2; test -f {cluster.Project}/go && exit 5; done"), space);
            await cluster.ReadyAsync(space, "p");
            var filler = Path.Combine(disk, "filler");
            await using (var stream = new FileStream(filler, FileMode.Create))
            {
                try
                {
                    while (true)
                    {
                        await stream.WriteAsync(new byte[4096]);
                        await stream.FlushAsync();
                    }
                }
                catch (IOException)
                {
                    // Full.
                }
            }

            var (status, body, _) = await cluster.SendAsync(HttpMethod.Post, $"api/v1/namespaces/{space}/configmaps", """{"metadata":{"name":"m"},"data":{"k":"v"}}""");
            Assert.Equal(500, status);
            Assert.Contains("cannot be written", (string)body!["message"]!);
            Assert.Single((await cluster.Client.ListNamespacedPodAsync(space)).Items);

            // The exit code is not lost: room for it was kept.
            await File.WriteAllTextAsync(Path.Combine(cluster.Project, "go"), "");
            await Task.Delay(1000);
            File.Delete(filler);
            Assert.Equal(5, (await cluster.PhaseAsync(space, "p", "Failed")).Status.ContainerStatuses[0].State.Terminated.ExitCode);
            await cluster.Client.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "m" } }, space);
        }
        finally
        {
            SmallDiskFactAttribute.Unmount(disk);
        }
    }

    [Fact]
    public async Task Shutdown_OnlyIfEmpty_RemovesEverything()
    {
        await using var cluster = new Cluster();
        await cluster.StartAsync();
        await cluster.Client.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "m" } }, "default");
        var busy = await cluster.SendAsync(HttpMethod.Post, "reco/v1/shutdown?ifEmpty=true");
        Assert.False((bool)busy.Body!["stopping"]!);
        await cluster.Client.DeleteNamespacedConfigMapAsync("m", "default");
        var free = await cluster.SendAsync(HttpMethod.Post, "reco/v1/shutdown?ifEmpty=true");
        Assert.True((bool)free.Body!["stopping"]!);
        await cluster.Daemon.WaitForExitAsync().WaitAsync(Cluster.Patience);
        Assert.Equal(0, cluster.Daemon.ExitCode);
        Assert.False(Directory.Exists(Path.Combine(cluster.Project, ".reco")));
    }

    [Fact]
    public async Task Shutdown_WhileTheRestIsOnItsWayOut_SaysSo()
    {
        await using var cluster = new Cluster();
        await cluster.StartAsync();
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedConfigMapAsync(
            new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "m", Finalizers = ["example.com/hold"] } }, space);
        var staying = await cluster.SendAsync(HttpMethod.Post, "reco/v1/shutdown?ifEmpty=true");
        Assert.False((bool)staying.Body!["emptying"]!);
        await cluster.Client.DeleteNamespaceAsync(space);
        var going = await cluster.SendAsync(HttpMethod.Post, "reco/v1/shutdown?ifEmpty=true");
        Assert.False((bool)going.Body!["stopping"]!);
        Assert.True((bool)going.Body!["emptying"]!);
        await cluster.Client.PatchNamespacedConfigMapAsync(new V1Patch("""{"metadata":{"finalizers":null}}""", V1Patch.PatchType.MergePatch), "m", space);
        while (!(bool)(await cluster.SendAsync(HttpMethod.Post, "reco/v1/shutdown?ifEmpty=true")).Body!["stopping"]!)
        {
            await Task.Delay(20);
        }

        await cluster.Daemon.WaitForExitAsync().WaitAsync(Cluster.Patience);
    }
}

/// <summary>A test that needs a file system of a few megabytes of its own: where this user may mount one.</summary>
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute()
    {
        try
        {
            Unmount(Mount());
        }
        catch (InvalidOperationException error)
        {
            Skip = error.Message;
        }
    }

    internal static string Mount()
    {
        var folder = Directory.CreateTempSubdirectory("reco-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder) != 0)
        {
            Directory.Delete(folder);
            throw new InvalidOperationException("a small file system cannot be mounted here");
        }

        return folder;
    }

    internal static void Unmount(string folder)
    {
        Run("umount", "-l", folder);
        Directory.Delete(folder, recursive: true);
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
