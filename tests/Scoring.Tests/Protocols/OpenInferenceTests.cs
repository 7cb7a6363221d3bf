using System.Net;
using System.Text.Json.Nodes;

namespace Reco.Scoring.Tests.Protocols;

public sealed class OpenInferenceTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Infer = "/v2/models/shop/infer";

    private readonly ScoringHost host = shared.Host;

    [Fact]
    public async Task Metadata_OfServerAndModel_IsAsSpecified()
    {
        var server = await host.GetAsync("/v2");
        Assert.NotNull(server["name"]);
        Assert.NotNull(server["version"]);
        Assert.IsType<JsonArray>(server["extensions"]);
        var model = await host.GetAsync("/v2/models/shop");
        Assert.Equal("shop", (string)model["name"]!);
        Assert.Equal("INT64", (string)model["inputs"]![1]!["datatype"]!);
        Assert.Equal([-1, 8], model["inputs"]![1]!["shape"]!.AsArray().Select(dimension => (int)dimension!));
        var version = (string)model["versions"]![0]!;
        Assert.Equal("shop", (string)(await host.GetAsync($"/v2/models/shop/versions/{version}"))["name"]!);
        Assert.True((bool)(await host.GetAsync($"/v2/models/shop/versions/{version}/ready"))["ready"]!);
        Assert.True((bool)(await host.GetAsync("/v2/health/ready"))["ready"]!);
        Assert.True((bool)(await host.GetAsync("/v2/health/live"))["live"]!);
        await host.FailAsync(HttpStatusCode.NotFound, "/v2/models/other");
        await host.FailAsync(HttpStatusCode.NotFound, "/v2/models/shop/versions/1");
    }

    [Fact]
    public async Task Infer_FlatNestedAndAnyOrder_GiveTheSame()
    {
        var flat = await host.PostAsync(Infer, """{"id":"q-1","inputs":[{"name":"user","shape":[2],"datatype":"INT64","data":[1,2]},{"name":"history","shape":[2,8],"datatype":"INT64","data":[1,2,3,0,0,0,0,0,4,5,0,0,0,0,0,0]}]}""");
        Assert.Equal("q-1", (string)flat["id"]!);
        Assert.Equal("shop", (string)flat["model_name"]!);
        var output = flat["outputs"]![0]!;
        Assert.Equal([2, 16], output["shape"]!.AsArray().Select(dimension => (int)dimension!));
        Assert.Equal(32, output["data"]!.AsArray().Count);
        var nested = await host.PostAsync(Infer, """{"outputs":[{"name":"embedding"}],"inputs":[{"data":[[1,2,3,0,0,0,0,0],[4,5,0,0,0,0,0,0]],"datatype":"INT64","shape":[2,8],"name":"history"},{"parameters":{"x":[1]},"data":[1,2],"name":"user","datatype":"INT64","shape":[2]}]}""");
        Assert.Equal(output["data"]!.ToJsonString(), nested["outputs"]![0]!["data"]!.ToJsonString());
        Assert.Null(nested["id"]);
    }

    [Theory]
    [InlineData("""{}""", "no inputs")]
    [InlineData("""{"inputs":[]}""", "no inputs")]
    [InlineData("""{"inputs":{}}""", "not an array")]
    [InlineData("""[1]""", "not an object")]
    [InlineData("""{"inputs":[1]}""", "not an object")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64"}]}""", "lacks data")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[1]}]}""", "\"history\" is missing")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"FLOAT","data":[1]}]}""", "datatype")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"FP32","data":[1]},{"name":"history","shape":[1,8],"datatype":"INT64","data":[0,0,0,0,0,0,0,0]}]}""", "takes INT64")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[1.5]}]}""", "is not INT64")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":["a"]}]}""", "is not INT64")]
    [InlineData("""{"inputs":[{"name":"user","shape":[2],"datatype":"INT64","data":[1]}]}""", "needs 2")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[1,2,3]}]}""", "more values")]
    [InlineData("""{"inputs":[{"name":"user","shape":[-1],"datatype":"INT64","data":[1]}]}""", "negative")]
    [InlineData("""{"inputs":[{"name":"user","shape":[9223372036854775807,9],"datatype":"INT64","data":[1]}]}""", "too large")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[999]},{"name":"history","shape":[1,8],"datatype":"INT64","data":[0,0,0,0,0,0,0,0]}]}""", "outside 0 to 40")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[1]},{"name":"history","shape":[1,8],"datatype":"INT64","data":[0,0,0,0,0,0,0,-1]}]}""", "outside 0 to 90")]
    [InlineData("""{"inputs":[{"name":"user","shape":[2],"datatype":"INT64","data":[1,1]},{"name":"history","shape":[1,8],"datatype":"INT64","data":[0,0,0,0,0,0,0,0]}]}""", "rows")]
    [InlineData("""{"inputs":[{"name":"user","shape":[0],"datatype":"INT64","data":[]},{"name":"history","shape":[0,8],"datatype":"INT64","data":[]}]}""", "no rows")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[1]},{"name":"history","shape":[8],"datatype":"INT64","data":[0,0,0,0,0,0,0,0]}]}""", "shape [8]")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[NaN]}]}""", "not JSON")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[1]}],"outputs":[{"name":"x"}]}""", "no output")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[1]},{"name":"user","shape":[1],"datatype":"INT64","data":[1]}]}""", "more than once")]
    [InlineData("""{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[{}]}]}""", "object")]
    [InlineData("""{"id":5,"inputs":[]}""", "wrong kind")]
    [InlineData("""{"inputs":[]} x""", "not JSON")]
    public async Task Infer_WrongRequest_Is400AndSaysWhere(string body, string message) =>
        Assert.Contains(message, await host.FailAsync(HttpStatusCode.BadRequest, Infer, body));

    [Fact]
    public async Task TensorFlow_RowAndColumn_GiveTheSame()
    {
        var rows = await host.PostAsync("/v1/models/shop:predict", """{"instances":[{"user":1,"history":[1,2,3,0,0,0,0,0]},{"user":2,"history":[4,5,0,0,0,0,0,0]}]}""");
        var columns = await host.PostAsync("/v1/models/shop/labels/current:predict", """{"signature_name":"serving_default","inputs":{"user":[1,2],"history":[[1,2,3,0,0,0,0,0],[4,5,0,0,0,0,0,0]]}}""");
        Assert.Equal(2, rows["predictions"]!.AsArray().Count);
        Assert.Equal(16, rows["predictions"]![0]!.AsArray().Count);
        Assert.Equal(rows["predictions"]!.ToJsonString(), columns["outputs"]!.ToJsonString());
        var status = await host.GetAsync("/v1/models/shop");
        Assert.Equal("AVAILABLE", (string)status["model_version_status"]![0]!["state"]!);
        var metadata = await host.GetAsync("/v1/models/shop/metadata");
        Assert.Equal("DT_INT64", (string)metadata["metadata"]!["signature_def"]!["signature_def"]!["serving_default"]!["inputs"]!["user"]!["dtype"]!);
    }

    [Theory]
    [InlineData("/v1/models/shop:predict", """{"instances":[]}""", 400)]
    [InlineData("/v1/models/shop:predict", """{"instances":[1]}""", 400)]
    [InlineData("/v1/models/shop:predict", """{}""", 400)]
    [InlineData("/v1/models/shop:predict", """{"inputs":{"user":[1],"history":[[1],[1,2]]}}""", 400)]
    [InlineData("/v1/models/shop:predict", """{"inputs":{"user":[1],"history":[[0,0,0,0,0,0,0,0]],"other":[1]}}""", 400)]
    [InlineData("/v1/models/shop:predict", """{"instances":[{"user":1}]}""", 400)]
    [InlineData("/v1/models/shop:classify", """{}""", 404)]
    [InlineData("/v1/models/other:predict", """{}""", 404)]
    [InlineData("/v1/models/shop/versions/9:predict", """{}""", 404)]
    [InlineData("/v1/models/shop/labels/other:predict", """{}""", 404)]
    public async Task TensorFlow_WrongRequest_IsClear(string path, string body, int status) =>
        Assert.NotEmpty(await host.FailAsync((HttpStatusCode)status, path, body));
}
