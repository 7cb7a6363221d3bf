namespace Reco.Protocol;

/// <summary>A provider that can tell whether a creation whose answer was never seen has happened. An addition of Reco's own to
/// the official contract, for providers inside the engine's process: with it, a run that was killed in the middle of a
/// creation is taken up again, where the official engine leaves the resource to be imported or deleted by hand.</summary>
public interface ICreationFinder
{
    /// <summary>Looks for what an interrupted creation has made. Answers only what it can prove to be that creation's own.</summary>
    /// <param name="interrupted">The request whose answer is missing.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The resource; an answer without ID where nothing was made.</returns>
    /// <exception cref="Grpc.Core.RpcException">It is there but not ready (with <see cref="ErrorResourceInitFailed"/> as detail), or it cannot be looked for.</exception>
    Task<ReadResponse> FindCreatedAsync(CreateRequest interrupted, CancellationToken cancellation);
}
