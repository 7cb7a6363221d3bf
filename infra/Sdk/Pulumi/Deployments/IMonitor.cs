using Reco.Protocol;
using P = Reco.Protocol;

namespace Pulumi;

/// <summary>The engine's resource monitor, or what stands for it in tests.</summary>
internal interface IMonitor
{
    /// <summary>Asks whether the engine has an ability.</summary>
    Task<bool> SupportsFeatureAsync(string feature);

    /// <summary>Calls a function of a provider.</summary>
    Task<ResourceInvokeResponse> InvokeAsync(ResourceInvokeRequest request);

    /// <summary>Calls a method of a component.</summary>
    Task<CallResponse> CallAsync(ResourceCallRequest request);

    /// <summary>Reads a resource that exists.</summary>
    Task<ReadResourceResponse> ReadResourceAsync(Resource resource, ReadResourceRequest request);

    /// <summary>Registers a resource; answers when it has been dealt with.</summary>
    Task<RegisterResourceResponse> RegisterResourceAsync(Resource resource, RegisterResourceRequest request);

    /// <summary>Reports the outputs of a component.</summary>
    Task RegisterResourceOutputsAsync(RegisterResourceOutputsRequest request);

    /// <summary>Names a package; the answer is the reference to it.</summary>
    Task<string> RegisterPackageAsync(P.RegisterPackageRequest request);

    /// <summary>Registers a transform of function calls.</summary>
    Task RegisterInvokeTransformAsync(Callback callback);

    /// <summary>Tells the engine that no more requests come, and waits until it needs no more callbacks.</summary>
    Task SignalAndWaitForShutdownAsync();
}

/// <summary>The engine's log, or what stands for it in tests.</summary>
internal interface IEngineLog
{
    /// <summary>Sends a message.</summary>
    Task LogAsync(LogRequest request);
}
