using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Protocol;

namespace Reco.Providers.AzureNative;

/// <summary>What the provider does outside a preview.</summary>
internal interface IAzureWriter
{
    /// <summary>Makes a resource.</summary>
    CreateResponse Create(CreateRequest request, string? id, Struct outputs);

    /// <summary>Changes a resource.</summary>
    UpdateResponse Update(UpdateRequest request, Struct outputs);

    /// <summary>Reads a resource.</summary>
    ReadResponse Read(ReadRequest request);

    /// <summary>Deletes a resource.</summary>
    void Delete(DeleteRequest request);

    /// <summary>Calls a function of Azure's.</summary>
    Struct Call(string token, Struct arguments);
}

/// <summary>Refuses: this engine has no way to Azure.</summary>
internal sealed class RefusingWriter : IAzureWriter
{
    /// <inheritdoc/>
    public CreateResponse Create(CreateRequest request, string? id, Struct outputs) => throw Refuse("create", request.Urn, "up");

    /// <inheritdoc/>
    public UpdateResponse Update(UpdateRequest request, Struct outputs) => throw Refuse("update", request.Urn, "up");

    /// <inheritdoc/>
    public ReadResponse Read(ReadRequest request) => throw Refuse("read", request.Urn, "refresh");

    /// <inheritdoc/>
    public void Delete(DeleteRequest request) => throw Refuse("delete", request.Urn, "destroy");

    /// <inheritdoc/>
    public Struct Call(string token, Struct arguments) => throw new RpcException(new Status(StatusCode.FailedPrecondition,
        $"function {token}({string.Join(", ", arguments.Fields.Keys)}) asks Azure, and this engine previews Azure offline. Use the Pulumi CLI, or make an argument depend on a resource of the stack so that a preview leaves it out."));

    private static RpcException Refuse(string action, string urn, string verb) => new(new Status(StatusCode.FailedPrecondition,
        $"this engine previews Azure resources offline and does not {action} them; nothing was changed in Azure ({urn}). "
        + $"Use the Pulumi CLI: install it, log in (pulumi login, az login), then run: pulumi {verb}"));
}
