using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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
    private static readonly string[] FirstNamespaces = ["default", "kube-system"];

    /// <summary>Serves until SIGTERM (containers run on and are found again by the next daemon), or until it is told to go
    /// because nothing is left.</summary>
    /// <exception cref="ClusterException">It cannot start.</exception>
    public static async Task RunAsync(string project, string state, TimeProvider time, Action<string> print)
    {
        Directory.CreateDirectory(state, Private);
        var remove = false;
        using (StateLock.Take(state))
        {
            var pki = Pki.Open(Path.Combine(state, "pki"), time.GetUtcNow());
            var tokens = Tokens.Open(Path.Combine(state, "pki"), time);
            var store = new ObjectStore(Path.Combine(state, "objects"), time);
            Seed(store);
            using var stopping = new CancellationTokenSource();
            var folders = new PodFolders(state);
            bool Shutdown(bool onlyIfEmpty)
            {
                if (onlyIfEmpty && !IsEmpty(store))
                {
                    return false;
                }

                remove = IsEmpty(store);
                stopping.CancelAfter(TimeSpan.FromMilliseconds(100));
                return true;
            }

            var api = new ApiRoutes(store, new ObjectApi(store, time), tokens, new Authorizer(store), new PodLogs(store, folders), Shutdown);
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
                new NamespaceController(store, pki.AuthorityPem),
                new ClaimController(store, folders),
                new CronJobController(store, events, time),
                new JobController(store, events, time),
                new DeploymentController(store, time),
                new ReplicaSetController(store, time),
                new ServiceController(store, addresses, proxy, events, time),
                new GarbageCollector(store),
            ], time, print);
            var kubelet = new KubeletService(store, folders, new PodVolumes(store, folders, tokens), new ImageStore(project, Path.Combine(state, "images")), new PodEnvironment(store, server), addresses, events, time);
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
    private static bool IsEmpty(ObjectStore store) => store.Everything().All(entry =>
        entry.Key.Kind == ResourceKinds.Event
        || (entry.Key.Kind == ResourceKinds.Namespace && FirstNamespaces.Contains(entry.Key.Name))
        || (entry.Key.Kind == ResourceKinds.ServiceAccount && entry.Key.Name == NamespaceController.DefaultAccount)
        || (entry.Key.Kind == ResourceKinds.ConfigMap && entry.Key.Name == NamespaceController.AuthorityName));

    private static void Seed(ObjectStore store)
    {
        foreach (var name in FirstNamespaces.Where(name => store.Get(new ObjectKey(ResourceKinds.Namespace, "", name)) is null))
        {
            store.Create(ResourceKinds.Namespace, new System.Text.Json.Nodes.JsonObject
            {
                ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = name, ["labels"] = new System.Text.Json.Nodes.JsonObject { ["kubernetes.io/metadata.name"] = name } },
                ["status"] = new System.Text.Json.Nodes.JsonObject { ["phase"] = "Active" },
            });
        }
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
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = MostBodyBytes;
            options.Limits.MaxConcurrentConnections = 1_024;
            options.Limits.MinResponseDataRate = null;
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
