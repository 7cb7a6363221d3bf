using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Reco.Protocol;

namespace Reco.Providers.AzureNative.Tests;

/// <summary>The provider, asked in JSON.</summary>
internal sealed class TestProvider
{
    public const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    private readonly AzureNativeProvider provider;

    public TestProvider(string configuration = """{"subscriptionId":"11111111-2222-3333-4444-555555555555","location":"westeurope"}""", IReadOnlyDictionary<string, string>? environment = null)
    {
        provider = new AzureNativeProvider(
            message =>
            {
                Log.Add(message.Message);
                return Task.CompletedTask;
            },
            name => environment?.GetValueOrDefault(name));
        provider.Configure(new ConfigureRequest { Args = Json(configuration) }, null!).GetAwaiter().GetResult();
    }

    public List<string> Log { get; } = [];

    public static Struct Json(string json) => JsonParser.Default.Parse<Struct>(json);

    public static string Urn(string token, string name = "thing") => $"urn:pulumi:prod::reco::reco:azure:Part${token}::{name}";

    public Task<CheckResponse> CheckAsync(string token, string news, string? olds = null, string name = "thing", string seed = "seed") =>
        provider.Check(new CheckRequest { Urn = Urn(token, name), News = Json(news), Olds = olds is null ? null : Json(olds), RandomSeed = ByteString.CopyFromUtf8(seed) }, null!);

    public Task<DiffResponse> DiffAsync(string token, string olds, string news) =>
        provider.Diff(new DiffRequest { Urn = Urn(token), OldInputs = Json(olds), Olds = Json(olds), News = Json(news) }, null!);

    public Task<CreateResponse> CreateAsync(string token, string inputs, bool preview = true) =>
        provider.Create(new CreateRequest { Urn = Urn(token), Properties = Json(inputs), Preview = preview }, null!);

    public Task<InvokeResponse> InvokeAsync(string token, string args = "{}") =>
        provider.Invoke(new InvokeRequest { Tok = token, Args = Json(args) }, null!);

    /// <summary>The only failure of inputs, as "path: reason".</summary>
    public async Task<string> FailureAsync(string token, string news)
    {
        var failure = Assert.Single((await CheckAsync(token, news)).Failures);
        return $"{failure.Property}: {failure.Reason}";
    }
}
