using System.Collections.Immutable;
using Grpc.Core;
using Reco.Engine.Planning;
using Reco.Engine.Plugins;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Protocol;

/// <content>Functions, methods and reads.</content>
internal sealed partial class ResourceMonitorService
{
    /// <inheritdoc/>
    public override Task<ResourceInvokeResponse> Invoke(ResourceInvokeRequest request, ServerCallContext context) => Guard(async () =>
    {
        using var flow = Run.Deployment.Control.Enter();
        var args = PropertyDecoder.Decode(request.Args, MarshalOptions.All with { KeepOutputs = false });
        var provider = request.Provider.Length > 0 ? request.Provider : ResolveProvider(request.Tok, ImmutableDictionary<string, string>.Empty, request.Parent);
        (args, var options) = await TransformInvokeAsync(
            request.Tok, args, new TransformInvokeOptions { Provider = provider, Version = request.Version, PluginDownloadUrl = request.PluginDownloadURL }, context.CancellationToken);
        Run.Deployment.Masker.AddSecretsOf(args);
        var package = PackageOf(request.Tok, options.Version, options.PluginDownloadUrl, request.PackageRef);
        var session = await Run.Deployment.EnsureProviderAsync(await ProviderReferenceAsync(options.Provider, package), request.Tok);
        if (request.DependsOn.Any(unresolved.ContainsKey))
        {
            return new ResourceInvokeResponse { Unknown = true };
        }

        var outcome = await session.InvokeAsync(request.Tok, args, Run.Deployment.Preview, context.CancellationToken);
        Run.Deployment.Masker.AddSecretsOf(outcome.Inputs);
        var response = new ResourceInvokeResponse
        {
            Return = PropertyEncoder.Encode(outcome.Inputs, new MarshalOptions
            {
                KeepUnknowns = true,
                KeepSecrets = true,
                KeepResources = request.AcceptResources || request.Tok == "pulumi:pulumi:getResource",
            }),
        };
        response.Failures.AddRange(outcome.Failures);
        return response;
    });

    /// <inheritdoc/>
    public override Task<CallResponse> Call(ResourceCallRequest request, ServerCallContext context) => Guard(async () =>
    {
        using var flow = Run.Deployment.Control.Enter();
        var args = PropertyDecoder.Decode(request.Args, MarshalOptions.All);
        var self = SelfUrn(args);
        var provider = request.Provider;
        if (provider.Length == 0 && self.Length > 0)
        {
            provider = Urn.IsProviderType(Urn.Type(self)) && Run.Deployment.News.TryGetValue(self, out var resource)
                ? new ProviderReference(self, resource.Id).ToString()
                : goals.TryGetValue(self, out var goal) ? goal.Provider : "";
        }

        var package = PackageOf(request.Tok, request.Version, request.PluginDownloadURL, request.PackageRef);
        var session = await Run.Deployment.EnsureProviderAsync(await ProviderReferenceAsync(provider, package), request.Tok);
        var options = Run.Deployment.Options;
        var call = new CallRequest
        {
            Tok = request.Tok,
            Project = options.Project,
            Stack = options.Stack,
            Organization = options.Organization,
            DryRun = Run.Deployment.Preview,
            Parallel = options.Parallel,
            MonitorEndpoint = Run.Address,
        };
        call.Config.Add(options.Config);
        call.ConfigSecretKeys.AddRange(options.ConfigSecretKeys);
        foreach (var (name, value) in args)
        {
            var given = request.ArgDependencies.TryGetValue(name, out var urns) ? urns.Urns : [];
            call.ArgDependencies[name] = new CallRequest.Types.ArgumentDependencies { Urns = { given.Concat(value.OutputDependencies()).Distinct(StringComparer.Ordinal) } };
        }

        CallResponse answer;
        try
        {
            answer = await session.CallAsync(call, args, context.CancellationToken);
        }
        catch (ProviderFailure error) when (!Run.Deployment.Control.Stopping.IsCancellationRequested)
        {
            Run.Deployment.Fatal(self, $"Method '{request.Tok}' failed: {error.Message}");
            throw new RunStoppedException();
        }

        var result = PropertyDecoder.Decode(answer.Return, MarshalOptions.All);
        Run.Deployment.Masker.AddSecretsOf(result);
        var response = new CallResponse { Return = PropertyEncoder.Encode(result.WithoutOutputs(), MarshalOptions.All with { KeepOutputs = false }) };
        response.Failures.AddRange(answer.Failures);
        foreach (var (name, value) in result)
        {
            var given = answer.ReturnDependencies.TryGetValue(name, out var urns) ? urns.Urns : [];
            response.ReturnDependencies[name] = new CallResponse.Types.ReturnDependencies { Urns = { given.Concat(value.OutputDependencies()).Distinct(StringComparer.Ordinal) } };
        }

        return response;
    });

    /// <inheritdoc/>
    public override Task<ReadResourceResponse> ReadResource(ReadResourceRequest request, ServerCallContext context) => GuardResource(request.Parent, request.Type, request.Name, async () =>
    {
        RequireTypeToken(request.Type);

        var given = request.Provider.Length > 0 ? request.Provider : ResolveProvider(request.Type, ImmutableDictionary<string, string>.Empty, request.Parent);
        var provider = await ProviderReferenceAsync(given, PackageOf(request.Type, request.Version, request.PluginDownloadURL, request.PackageRef));
        await Run.Deployment.EnsureProviderAsync(provider, request.Name);
        var inputs = PropertyDecoder.Decode(request.Properties, MarshalOptions.All with { KeepOutputs = false });
        var result = await Run.Reader.ReadAsync(new ReadGoal(
            request.Type,
            request.Name,
            request.Id,
            request.Parent,
            inputs,
            provider,
            [.. request.Dependencies.Distinct(StringComparer.Ordinal)],
            [.. request.AdditionalSecretOutputs],
            RegistrationRequest.Position(request.SourcePosition, Run.Deployment.Options.ProjectDirectory)));
        if (result.Result != RegistrationResult.Success)
        {
            throw new RpcException(new Status(StatusCode.Internal, "resource read failed"));
        }

        parents[result.State.Urn] = request.Parent;
        return new ReadResourceResponse
        {
            Urn = result.State.Urn,
            Properties = PropertyEncoder.Encode(result.State.Outputs, new MarshalOptions { KeepUnknowns = true, KeepSecrets = request.AcceptSecrets, KeepResources = request.AcceptResources }),
        };
    });

    private static string SelfUrn(PropertyMap args) => args.TryGetValue("__self__", out var self)
        ? self.Plain() switch
        {
            PropertyValue.ResourceReferenceValue reference => reference.Urn,
            PropertyValue.MapValue map => map.Map.Text("urn") ?? "",
            _ => "",
        }
        : "";
}
