using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Reco.Protocol;

namespace Reco.EngineFixture;

/// <summary>Registers what a description says, over the protocol itself.</summary>
internal sealed class DescribedProgram(ResourceMonitor.ResourceMonitorClient monitor, ProgramDescription description)
{
    private const int AtOnce = 500;
    private const string Signature = "4dabf18193072939515e22adb298388d";
    private const string Secret = "1b47061264138c4ac30d75fd1eb44270";
    private readonly Dictionary<string, Task<RegisterResourceResponse>> registered = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim running = new(AtOnce);
    private string stackUrn = "";

    public static async Task<int> RunAsync()
    {
        var description = ProgramDescription.Read(Variable("PULUMI_ROOT_DIRECTORY"));
        foreach (var line in description.Says)
        {
            Console.WriteLine(line);
        }

        using var channel = GrpcChannel.ForAddress($"http://{Variable("PULUMI_MONITOR")}", new GrpcChannelOptions { MaxReceiveMessageSize = null });
        try
        {
            await new DescribedProgram(new ResourceMonitor.ResourceMonitorClient(channel), description).RegisterAsync();
            if (description.Fails is not { } message)
            {
                return 0;
            }

            Console.Error.WriteLine(message);
            return 1;
        }
        catch (RpcException)
        {
            // The engine has told what is wrong.
            return 32;
        }
    }

    private async Task RegisterAsync()
    {
        stackUrn = (await RegisterAsync("pulumi:pulumi:Stack", $"{Variable("PULUMI_PROJECT")}-{Variable("PULUMI_STACK")}", custom: false, new DescribedResource(""), [], "")).Urn;
        foreach (var resource in description.Resources.Concat(Generate()))
        {
            var needs = resource.DependsOn.Select(name => registered[name]).ToArray();
            var parent = resource.Parent.Length == 0 ? null : registered[resource.Parent];
            await running.WaitAsync();
            registered[resource.Name] = RegisterAsync(resource, needs, parent);
        }

        await Task.WhenAll(registered.Values);
        await monitor.RegisterResourceOutputsAsync(new RegisterResourceOutputsRequest { Urn = stackUrn, Outputs = Map(description.Outputs) });
        try
        {
            await monitor.SignalAndWaitForShutdownAsync(new Empty());
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Unimplemented)
        {
            // An older engine does not ask for it.
        }
    }

    private IEnumerable<DescribedResource> Generate() => Enumerable.Range(0, description.Generated).Select(index => new DescribedResource(Item(index))
    {
        Inputs = new JsonObject { ["size"] = index == description.Generated - 1 ? description.LastSize : 0, ["label"] = $"the item of number {index}" },
        DependsOn = index % 10 == 0 ? [] : [Item(index - (index % 10))],
    });

    private static string Item(int index) => string.Create(CultureInfo.InvariantCulture, $"item-{index}");

    private async Task<RegisterResourceResponse> RegisterAsync(DescribedResource resource, Task<RegisterResourceResponse>[] needs, Task<RegisterResourceResponse>? parent)
    {
        try
        {
            await Task.Yield();
            var dependencies = await Task.WhenAll(needs);
            return await RegisterAsync(
                resource.Component ? "fixture:index:Group" : "test:index:Thing", resource.Name, !resource.Component, resource, dependencies.Select(need => need.Urn), parent is null ? stackUrn : (await parent).Urn);
        }
        finally
        {
            running.Release();
        }
    }

    private async Task<RegisterResourceResponse> RegisterAsync(string type, string name, bool custom, DescribedResource resource, IEnumerable<string> dependencies, string parent)
    {
        var request = new RegisterResourceRequest
        {
            Type = type,
            Name = name,
            Custom = custom,
            Parent = parent,
            Object = Map(resource.Inputs),
            Protect = resource.Protect,
            AcceptSecrets = true,
            AcceptResources = true,
            SupportsPartialValues = true,
        };
        request.Dependencies.AddRange(dependencies);
        var response = await monitor.RegisterResourceAsync(request);
        if (resource.Component)
        {
            await monitor.RegisterResourceOutputsAsync(new RegisterResourceOutputsRequest { Urn = response.Urn, Outputs = new Struct() });
        }

        return response;
    }

    private static Struct Map(JsonObject map)
    {
        var result = new Struct();
        foreach (var (name, value) in map)
        {
            result.Fields[name] = Wire(value);
        }

        return result;
    }

    private static Value Wire(JsonNode? node) => node switch
    {
        null => Value.ForNull(),
        JsonObject map when map["secret"] is { } secret => Value.ForStruct(new Struct { Fields = { [Signature] = Value.ForString(Secret), ["value"] = Wire(secret) } }),
        JsonObject map when map["config"] is { } key => Value.ForString(JsonNode.Parse(Variable("PULUMI_CONFIG"))?[key.GetValue<string>()]?.GetValue<string>() ?? ""),
        JsonObject map => Value.ForStruct(Map(map)),
        JsonArray list => Value.ForList([.. list.Select(Wire)]),
        _ => node.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.True => Value.ForBool(true),
            System.Text.Json.JsonValueKind.False => Value.ForBool(false),
            System.Text.Json.JsonValueKind.Number => Value.ForNumber(double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture)),
            _ => Value.ForString(node.GetValue<string>()),
        },
    };

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set; this program is run by an engine");
}
