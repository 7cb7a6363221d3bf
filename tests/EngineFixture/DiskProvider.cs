using System.Globalization;
using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Reco.Protocol;

namespace Reco.EngineFixture;

/// <summary>The provider <c>test</c>: its objects are files in a folder, and each operation takes some time. An input
/// <c>replace</c> that changes forces a replacement; a resource whose input <c>fail</c> is its present operation fails.</summary>
/// <param name="world">The folder (<c>FIXTURE_WORLD</c>); null keeps nothing.</param>
/// <param name="delay">How long an operation takes, in milliseconds (<c>FIXTURE_DELAY_MS</c>).</param>
public sealed class DiskProvider(string? world, int delay) : ResourceProvider.ResourceProviderBase
{
    /// <summary>How the name of a file ends that names a process of this provider.</summary>
    public const string ProcessFile = ".provider";

    private int busy;

    /// <summary>Serves until its engine is gone; the port is the first line of standard output. The process is named by a
    /// file in the folder.</summary>
    public static async Task<int> ServeAsync()
    {
        var world = Environment.GetEnvironmentVariable("FIXTURE_WORLD");
        if (world is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(world, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}{ProcessFile}")), "");
        }

        var provider = new DiskProvider(world, int.TryParse(Environment.GetEnvironmentVariable("FIXTURE_DELAY_MS"), CultureInfo.InvariantCulture, out var delay) ? delay : 0);
        await using var app = await StartAsync(provider);
        Console.WriteLine(PortOf(app).ToString(CultureInfo.InvariantCulture));

        // An engine that is killed does not stop its plugins, but the pipe that it held ends. What is begun is done.
        await Console.In.ReadToEndAsync();
        while (Volatile.Read(ref provider.busy) > 0)
        {
            await Task.Delay(5);
        }

        return 0;
    }

    /// <summary>Starts serving on a free loopback port.</summary>
    public static async Task<WebApplication> StartAsync(DiskProvider provider)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(provider);
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.MapGrpcService<DiskProvider>();
        await app.StartAsync();
        return app;
    }

    /// <summary>The port at which it listens.</summary>
    public static int PortOf(WebApplication app) => new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public override Task<ProviderHandshakeResponse> Handshake(ProviderHandshakeRequest request, ServerCallContext context) =>
        Task.FromResult(new ProviderHandshakeResponse { AcceptSecrets = true, AcceptResources = true });

    public override Task<CheckResponse> CheckConfig(CheckRequest request, ServerCallContext context) => Task.FromResult(new CheckResponse { Inputs = request.News });

    public override Task<DiffResponse> DiffConfig(DiffRequest request, ServerCallContext context) => Task.FromResult(new DiffResponse { Changes = DiffResponse.Types.DiffChanges.DiffNone });

    public override Task<ConfigureResponse> Configure(ConfigureRequest request, ServerCallContext context) =>
        Task.FromResult(new ConfigureResponse { AcceptSecrets = true, SupportsPreview = true, AcceptResources = true });

    public override Task<CheckResponse> Check(CheckRequest request, ServerCallContext context) => Task.FromResult(new CheckResponse { Inputs = request.News });

    public override Task<DiffResponse> Diff(DiffRequest request, ServerCallContext context)
    {
        var response = new DiffResponse { Changes = DiffResponse.Types.DiffChanges.DiffNone };
        foreach (var key in request.OldInputs.Fields.Keys.Union(request.News.Fields.Keys))
        {
            if (!request.OldInputs.Fields.TryGetValue(key, out var before) || !request.News.Fields.TryGetValue(key, out var after) || !before.Equals(after))
            {
                response.Changes = DiffResponse.Types.DiffChanges.DiffSome;
                response.Diffs.Add(key);
                if (key == "replace")
                {
                    response.Replaces.Add(key);
                }
            }
        }

        return Task.FromResult(response);
    }

    public override async Task<CreateResponse> Create(CreateRequest request, ServerCallContext context)
    {
        if (request.Preview)
        {
            return new CreateResponse { Properties = request.Properties };
        }

        var id = $"{request.Name}-{Guid.NewGuid():n}";
        await ActAsync("create", request.Properties, () => Put(id, request.Urn, request.Properties));
        return new CreateResponse { Id = id, Properties = request.Properties };
    }

    public override Task<ReadResponse> Read(ReadRequest request, ServerCallContext context)
    {
        if (world is not null && !File.Exists(PathOf(request.Id)))
        {
            return Task.FromResult(new ReadResponse());
        }

        // Of something to import only the ID is known.
        var isImport = world is not null && request.Inputs is not { Fields.Count: > 0 } && request.Properties is not { Fields.Count: > 0 };
        var stored = isImport ? Struct.Parser.ParseJson(File.ReadAllText(PathOf(request.Id)).Split('\n', 2)[1]) : null;
        return Task.FromResult(new ReadResponse { Id = request.Id, Inputs = stored ?? request.Inputs, Properties = stored ?? request.Properties });
    }

    public override async Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context)
    {
        if (!request.Preview)
        {
            await ActAsync("update", request.News, () => Put(request.Id, request.Urn, request.News));
        }

        return new UpdateResponse { Properties = request.News };
    }

    public override async Task<Empty> Delete(DeleteRequest request, ServerCallContext context)
    {
        await ActAsync("delete", request.Properties, () =>
        {
            if (world is not null)
            {
                File.Delete(PathOf(request.Id));
            }
        });
        return new Empty();
    }

    private async Task ActAsync(string verb, Struct properties, Action act)
    {
        Interlocked.Increment(ref busy);
        try
        {
            if (delay > 0)
            {
                await Task.Delay(delay);
            }

            if (properties.Fields.TryGetValue("fail", out var when) && when.StringValue == verb)
            {
                throw new RpcException(new Status(StatusCode.FailedPrecondition, $"the provider was told to fail to {verb}"));
            }

            act();
        }
        finally
        {
            Interlocked.Decrement(ref busy);
        }
    }

    private void Put(string id, string urn, Struct properties)
    {
        if (world is not null)
        {
            // An object exists at once or not at all.
            var fresh = PathOf(id) + ".new";
            File.WriteAllText(fresh, urn + "\n" + JsonFormatter.Default.Format(properties));
            File.Move(fresh, PathOf(id), overwrite: true);
        }
    }

    private string PathOf(string id) => Path.Combine(world!, id + ".object");
}
