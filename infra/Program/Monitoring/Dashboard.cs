using System.Text.Encodings.Web;
using System.Text.Json;

namespace Reco.Infra.Monitoring;

/// <summary>One line of a panel.</summary>
/// <param name="Expression">Query of Prometheus.</param>
/// <param name="Legend">Legend, with <c>{{label}}</c> for a label's value.</param>
internal sealed record Query(string Expression, string Legend = "");

/// <summary>One panel.</summary>
internal sealed record Panel
{
    /// <summary>Its title.</summary>
    public required string Title { get; init; }

    /// <summary>What a reader should see in it.</summary>
    public required string Description { get; init; }

    /// <summary>Grafana's unit, for example <c>s</c>, <c>reqps</c>, <c>percentunit</c>, <c>bytes</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>The lines.</summary>
    public required IReadOnlyList<Query> Queries { get; init; }

    /// <summary><c>timeseries</c>, <c>stat</c> or <c>table</c>.</summary>
    public string Kind { get; init; } = "timeseries";

    /// <summary>Width of 24.</summary>
    public int Width { get; init; } = 12;

    /// <summary>Value from which the panel shows red; null: none.</summary>
    public double? Limit { get; init; }

    /// <summary>Whether values below <see cref="Limit"/> are the bad ones.</summary>
    public bool LowIsBad { get; init; }
}

/// <summary>A Grafana dashboard as code.</summary>
internal sealed record Dashboard
{
    private const int Height = 8;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Stable identifier: links to it survive updates.</summary>
    public required string Uid { get; init; }

    /// <summary>Its title.</summary>
    public required string Title { get; init; }

    /// <summary>The panels, in reading order.</summary>
    public required IReadOnlyList<Panel> Panels { get; init; }

    /// <summary>The dashboard in Grafana's format. The same dashboard is always the same text.</summary>
    /// <param name="space">Namespace that is shown first.</param>
    public string Render(string space) => JsonSerializer.Serialize(
        new
        {
            uid = Uid,
            title = $"Reco / {Title}",
            tags = new[] { "reco" },
            schemaVersion = 39,
            editable = false,
            refresh = "30s",
            time = new { from = "now-6h", to = "now" },
            templating = new { list = new object[] { DataSource(), Namespace(space) } },
            annotations = new { list = new object[] { Changes() } },
            panels = Place().ToArray(),
        },
        Json);

    private static object DataSource() => new { name = "datasource", label = "Prometheus", type = "datasource", query = "prometheus", hide = 0 };

    private static object Namespace(string space) => new
    {
        name = "namespace",
        label = "Namespace",
        type = "query",
        datasource = Source(),
        query = $"label_values({MetricNames.ModelInfo}, namespace)",
        current = new { text = space, value = space },
        refresh = 2,
        hide = 0,
    };

    /// <summary>A line through every panel where another version began to serve.</summary>
    private static object Changes() => new
    {
        name = "Version",
        enable = true,
        iconColor = "purple",
        datasource = Source(),
        expr = $"count by (version) ({MetricNames.ModelInfo}{{namespace=\"$namespace\"}}) unless on (version) count by (version) ({MetricNames.ModelInfo}{{namespace=\"$namespace\"}} offset 2m)",
        titleFormat = "{{version}}",
        step = "60s",
    };

    private static object Source() => new { type = "prometheus", uid = "${datasource}" };

    private IEnumerable<object> Place()
    {
        var (x, y) = (0, 0);
        foreach (var (panel, index) in Panels.Select((panel, index) => (panel, index)))
        {
            if (x + panel.Width > 24)
            {
                (x, y) = (0, y + Height);
            }

            yield return new
            {
                id = index + 1,
                type = panel.Kind,
                title = panel.Title,
                description = panel.Description,
                datasource = Source(),
                gridPos = new { x, y, w = panel.Width, h = Height },
                fieldConfig = new { defaults = new { unit = panel.Unit, min = 0, thresholds = Thresholds(panel) }, overrides = Array.Empty<object>() },
                targets = panel.Queries.Select((query, line) => new
                {
                    refId = ((char)('A' + line)).ToString(),
                    datasource = Source(),
                    expr = query.Expression,
                    legendFormat = query.Legend,
                    instant = panel.Kind == "table",
                    format = panel.Kind == "table" ? "table" : "time_series",
                }).ToArray(),
            };
            x += panel.Width;
        }
    }

    private static object Thresholds(Panel panel)
    {
        var (below, above) = panel.LowIsBad ? ("red", "green") : ("green", "red");
        return new
        {
            mode = "absolute",
            steps = panel.Limit is { } limit
                ? new object[] { new { color = below, value = (double?)null }, new { color = above, value = (double?)limit } }
                : [new { color = "green", value = (double?)null }],
        };
    }
}
