using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Reco.Engine.Planning;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Tests.Support;

/// <summary>A program that talks to the monitor: over a real socket where it is given no other way.</summary>
internal sealed class TestProgram(Func<ProgramClient, Task> body, Func<string, CallInvoker>? connect = null) : IProgramHost
{
    public async Task<string?> RunAsync(ProgramRun run, CancellationToken cancellation)
    {
        using var channel = connect is null ? GrpcChannel.ForAddress($"http://{run.MonitorAddress}") : null;
        try
        {
            var calls = channel?.CreateCallInvoker() ?? connect!(run.MonitorAddress);
            await body(new ProgramClient(calls, run, cancellation)).WaitAsync(cancellation);
            return null;
        }
        catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled)
        {
            return "";
        }
        catch (ProgramException error)
        {
            return error.Message;
        }
    }
}

internal sealed class ProgramException(string message) : Exception(message);

/// <summary>What a test program calls.</summary>
internal sealed class ProgramClient(CallInvoker calls, ProgramRun run, CancellationToken cancellation)
{
    public ResourceMonitor.ResourceMonitorClient Monitor { get; } = new(calls);

    public global::Reco.Protocol.Engine.EngineClient Engine { get; } = new(calls);

    public ProgramRun Run { get; } = run;

    public string StackUrn { get; private set; } = "";

    public async Task<string> StackAsync(object? outputs = null)
    {
        var response = await RegisterAsync("pulumi:pulumi:Stack", $"{Run.Options.Project}-{Run.Options.Stack}", custom: false, noParent: true);
        StackUrn = response.Urn;
        if (outputs is not null)
        {
            await OutputsAsync(StackUrn, outputs);
        }

        return StackUrn;
    }

    public Task<RegisterResourceResponse> ResourceAsync(string name, object? inputs = null, IEnumerable<string>? dependsOn = null, Action<RegisterResourceRequest>? options = null) =>
        RegisterAsync("test:index:Thing", name, inputs, custom: true, dependsOn: dependsOn, options: options);

    public Task<RegisterResourceResponse> ComponentAsync(string name, string parent = "", object? inputs = null, Action<RegisterResourceRequest>? options = null) =>
        RegisterAsync("my:index:Component", name, inputs, custom: false, parent: parent, options: options);

    public async Task<RegisterResourceResponse> RegisterAsync(
        string type,
        string name,
        object? inputs = null,
        bool custom = true,
        string parent = "",
        bool noParent = false,
        IEnumerable<string>? dependsOn = null,
        Action<RegisterResourceRequest>? options = null)
    {
        var request = new RegisterResourceRequest
        {
            Type = type,
            Name = name,
            Custom = custom,
            Parent = noParent || parent.Length > 0 ? parent : StackUrn,
            Object = Wire.Struct(inputs),
            AcceptSecrets = true,
            AcceptResources = true,
            SupportsPartialValues = true,
            SupportsResultReporting = true,
            AliasSpecs = true,
        };
        foreach (var urn in dependsOn ?? [])
        {
            request.Dependencies.Add(urn);
        }

        options?.Invoke(request);
        return await Monitor.RegisterResourceAsync(request, cancellationToken: cancellation);
    }

    public async Task OutputsAsync(string urn, object outputs) =>
        await Monitor.RegisterResourceOutputsAsync(new RegisterResourceOutputsRequest { Urn = urn, Outputs = Wire.Struct(outputs) }, cancellationToken: cancellation);
}

/// <summary>Wire values from plain objects: anonymous types, dictionaries, lists, and <see cref="PropertyValue"/>s.</summary>
internal static class Wire
{
    public static Struct Struct(object? value) => value is null ? new Struct() : PropertyEncoder.Encode(Map(value), MarshalOptions.All);

    public static PropertyMap Map(object value) => value switch
    {
        PropertyMap map => map,
        IReadOnlyDictionary<string, object?> dictionary => new PropertyMap(dictionary.Select(entry => KeyValuePair.Create(entry.Key, Property(entry.Value)))),
        _ => new PropertyMap(value.GetType().GetProperties().Select(property => KeyValuePair.Create(property.Name, Property(property.GetValue(value))))),
    };

    public static PropertyValue Property(object? value) => value switch
    {
        null => PropertyValue.Null,
        PropertyValue known => known,
        string text => new PropertyValue.StringValue(text),
        bool flag => new PropertyValue.BoolValue(flag),
        int number => new PropertyValue.NumberValue(number),
        double number => new PropertyValue.NumberValue(number),
        System.Collections.IList list => new PropertyValue.ListValue([.. list.Cast<object?>().Select(Property)]),
        _ => new PropertyValue.MapValue(Map(value)),
    };

    public static PropertyValue Secret(object? value) => new PropertyValue.SecretValue(Property(value));
}
