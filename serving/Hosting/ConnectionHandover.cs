using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Reco.Scoring.Hosting;

/// <summary>Sends HTTP/2 clients elsewhere when a drain begins. A gRPC client keeps one connection for hours, and a Service of
/// Kubernetes balances connections, not requests: without GOAWAY (RFC 9113, section 6.8) the client would stay with a pod that
/// goes until that closes on it. What is in progress is answered; what the server has not taken, the client sends again.</summary>
/// <remarks>HTTP/1.1 has no such message; there every answer says <c>Connection: close</c> (<see cref="RequestGuard"/>).</remarks>
internal static class ConnectionHandover
{
    /// <summary>Adds the hand-over to an address.</summary>
    public static void HandOver(this ListenOptions endpoint, DrainState drain) => endpoint.Use(next => async connection =>
    {
        // Who comes while the service drains was sent by a balancer that does not know yet, and is answered.
        var draining = drain.IsDraining;
        await using var asked = draining ? default : drain.Begun.UnsafeRegister(_ => Close(endpoint, connection), null);
        await next(connection).ConfigureAwait(false);
    });

    private static void Close(ListenOptions endpoint, ConnectionContext connection)
    {
        var isHttp2 = endpoint.Protocols == HttpProtocols.Http2
            || connection.Features.Get<ISslStreamFeature>()?.SslStream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2;
        if (isHttp2)
        {
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }
}
