using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Reco.LocalCluster.Admission;
using Reco.LocalCluster.Api;
using Reco.LocalCluster.Controllers;
using Reco.LocalCluster.Images;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Networking;
using Reco.LocalCluster.Security;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Hosting;

/// <summary>The daemon: API server, controllers and kubelet of one stack's local cluster.</summary>
internal static class ClusterHost
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const long MostBodyBytes = 3L << 20;
    private const string StorageClassName = "local";
    private static readonly string[] FirstNamespaces = ["default", "kube-system"];

    /// <summary>Serves until SIGTERM (containers run on and are found again by the next daemon), or until it is told to go
    /// because nothing is left.</summary>
    /// <exception cref="ClusterException">It cannot start.</exception>
    public static async Task RunAsync(string project, string state, TimeProvider time, Action<string> print)
    {
        Directory.CreateDirectory(state, Private);

        // Whoever made the folder: secrets, logs and volumes in it are nobody else's.
        File.SetUnixFileMode(state, Private);
        var remove = false;
        using (StateLock.Take(state))
        {
            var pki = Pki.Open(Path.Combine(state, "pki"), time.GetUtcNow());
            var tokens = Tokens.Open(Path.Combine(state, "pki"), time);
            var store = new ObjectStore(Path.Combine(state, "objects"), time, print);
            Seed(store, time.GetUtcNow());
            using var stopping = new CancellationTokenSource();
            var folders = new PodFolders(state);
            ShutdownAnswer Shutdown(bool onlyIfEmpty)
            {
                // From here on nothing new is taken, so that what is empty stays so.
                remove = store.TryClose(IsEmpty);
                if (onlyIfEmpty && !remove)
                {
                    return new ShutdownAnswer(Stopping: false, IsEmptying(store.Everything()));
                }

                stopping.CancelAfter(TimeSpan.FromMilliseconds(100));
                return new ShutdownAnswer(Stopping: true, Emptying: false);
            }

            var admission = new AdmissionChain(store);
            var objects = new ObjectApi(store, admission, time);
            var api = new ApiRoutes(store, objects, new WatchApi(store, stopping.Token), new Subresources(objects, tokens, time), tokens, new Authorizer(store), new PodLogs(store, folders, stopping.Token), Shutdown, print);
            await using var web = await StartWebAsync(state, pki, api).ConfigureAwait(false);
            var server = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
            ClusterFiles.KeepPort(state, server.Port);
            ClusterFiles.Write(state, server, pki, tokens);
            web.Lifetime.ApplicationStopping.Register(stopping.Cancel);
            var addresses = new AddressPool(store, state);
            var events = new EventRecorder(store, time);
            await using var proxy = new ServiceProxy();
            var controllers = new ControllerManager(store,
            [
                new DefinitionController(store, time),
                new NamespaceController(store, pki.AuthorityPem),
                new ClaimController(store, folders),
                new CronJobController(store, admission, events, time),
                new JobController(store, events, time),
                new DeploymentController(store, time),
                new ReplicaSetController(store, time),
                new StatefulSetController(store, admission, events, time),
                new DaemonSetController(store, time),
                new ServiceController(store, addresses, proxy, events, time),
                new UnenforcedController(store, events),
                new GarbageCollector(store),
            ], time, print);
            var kubelet = new KubeletService(store, folders, new PodVolumes(store, folders, tokens), new ImageStore(project, Path.Combine(state, "images")), new PodEnvironment(store, server, new ClusterNames(store, addresses)), addresses, events, time, print);
            print($"ready {server.GetLeftPart(UriPartial.Authority)}");
            await Task.WhenAll(controllers.RunAsync(stopping.Token), kubelet.RunAsync(stopping.Token)).ConfigureAwait(false);
            await web.StopAsync(CancellationToken.None).ConfigureAwait(false);
            File.Delete(Path.Combine(state, "daemon.json"));
        }

        if (remove)
        {
            PodFolders.Delete(state);
            RemoveIfEmpty(Path.GetDirectoryName(state)!);
            RemoveIfEmpty(Path.GetDirectoryName(Path.GetDirectoryName(state)!)!);
        }
    }

    /// <summary>Whether nothing is left but what every cluster has.</summary>
    private static bool IsEmpty(IEnumerable<ObjectKey> keys) => keys.All(IsAlwaysThere);

    /// <summary>Whether everything left is being deleted, or goes with an owner or a namespace that is.</summary>
    private static bool IsEmptying(IReadOnlyList<(ObjectKey Key, JsonObject Value)> everything)
    {
        var staying = everything.Where(entry => !entry.Value.IsDeleting()).ToArray();
        var owners = staying.Select(entry => entry.Value.Uid()).ToHashSet();
        var spaces = staying.Where(entry => entry.Key.Kind == ResourceKinds.Namespace).Select(entry => entry.Key.Name).ToHashSet();
        return staying.Where(entry => !IsAlwaysThere(entry.Key)).All(entry =>
            (entry.Key.Kind.Namespaced && !spaces.Contains(entry.Key.Space))
            || (entry.Value.Items("metadata", "ownerReferences").ToArray() is { Length: > 0 } references && !references.Any(owner => owners.Contains(owner.Text("uid") ?? ""))));
    }

    private static bool IsAlwaysThere(ObjectKey key) =>
        key.Kind == ResourceKinds.Event
        || key.Kind == ResourceKinds.Node
        || (key.Kind == ResourceKinds.Namespace && FirstNamespaces.Contains(key.Name))
        || (key.Kind == ResourceKinds.StorageClass && key.Name == StorageClassName)
        || (key.Kind == ResourceKinds.ServiceAccount && key.Name == NamespaceController.DefaultAccount)
        || (key.Kind == ResourceKinds.ConfigMap && key.Name == NamespaceController.AuthorityName);

    private static void Seed(ObjectStore store, DateTimeOffset now)
    {
        void Add(ResourceKind kind, string name, JsonObject rest)
        {
            if (store.Get(new ObjectKey(kind, "", name)) is null)
            {
                rest.Member("metadata")["name"] = name;
                store.Create(kind, rest);
            }
        }

        foreach (var name in FirstNamespaces)
        {
            Add(ResourceKinds.Namespace, name, new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["kubernetes.io/metadata.name"] = name } },
                ["status"] = new JsonObject { ["phase"] = "Active" },
            });
        }

        Add(ResourceKinds.StorageClass, StorageClassName, new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["storageclass.kubernetes.io/is-default-class"] = "true" } },
            ["provisioner"] = "reco.dev/local",
            ["reclaimPolicy"] = "Delete",
            ["volumeBindingMode"] = "Immediate",
        });
        JsonObject Resources() => new()
        {
            ["cpu"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
            ["memory"] = $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024}Ki",
            ["pods"] = "254",
        };
        Add(ResourceKinds.Node, Expansion.NodeName, new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["kubernetes.io/hostname"] = Expansion.NodeName, ["kubernetes.io/os"] = "linux" } },
            ["spec"] = new JsonObject(),
            ["status"] = new JsonObject
            {
                ["capacity"] = Resources(),
                ["allocatable"] = Resources(),
                ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = "127.0.0.1" }),
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True", ["reason"] = "KubeletReady", ["lastTransitionTime"] = now.Stamp(), ["lastHeartbeatTime"] = now.Stamp() }),
            },
        });
    }

    private static async Task<WebApplication> StartWebAsync(string state, Pki pki, ApiRoutes api)
    {
        var port = ClusterFiles.LastPort(state);
        try
        {
            return await StartWebAsync(port, pki, api).ConfigureAwait(false);
        }
        catch (IOException) when (port != 0)
        {
            // Somebody else has the port by now.
            return await StartWebAsync(0, pki, api).ConfigureAwait(false);
        }
    }

    private static async Task<WebApplication> StartWebAsync(int port, Pki pki, ApiRoutes api)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = MostBodyBytes;
            options.Limits.MaxConcurrentConnections = 1_024;
            options.Limits.MinResponseDataRate = null;
            options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            options.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(10);
            options.Limits.Http2.MaxStreamsPerConnection = 1_000;
            options.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(pki.Server);
            });
        });
        var web = builder.Build();
        web.Run(api.HandleAsync);
        try
        {
            await web.StartAsync().ConfigureAwait(false);
            return web;
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await web.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static void RemoveIfEmpty(string folder)
    {
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }
}
