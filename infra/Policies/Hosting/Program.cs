using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Reco.Policies;

// The policy pack as a plugin of the Pulumi CLI: serves the Analyzer protocol on a loopback port, writes the port on the first
// line of standard output, and lives until it is stopped.
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Listen(IPAddress.Loopback, 0, listener => listener.Protocols = HttpProtocols.Http2);
    kestrel.Limits.MaxConcurrentConnections = 16;
});
builder.Services.AddGrpc(options => options.MaxReceiveMessageSize = 400 * 1024 * 1024);
builder.Services.AddSingleton(new PolicyAnalyzer());

await using var app = builder.Build();
app.MapGrpcService<PolicyAnalyzer>();
await app.StartAsync();
var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
Console.WriteLine(new Uri(address).Port.ToString(CultureInfo.InvariantCulture));
await ((IHost)app).WaitForShutdownAsync();
