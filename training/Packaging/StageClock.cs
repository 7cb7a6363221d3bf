using System.Globalization;

namespace Reco.Training.Packaging;

/// <summary>How long a stage took.</summary>
/// <param name="Name">Which.</param>
/// <param name="Seconds">Time on the wall.</param>
/// <param name="CpuSeconds">Time of all cores.</param>
internal sealed record StageTime(string Name, double Seconds, double CpuSeconds);

/// <summary>Times the stages of a run, one after the other.</summary>
internal sealed class StageClock(TimeProvider time)
{
    private readonly List<StageTime> stages = [];
    private string? current;
    private long start;
    private TimeSpan cpu;

    /// <summary>The finished stages.</summary>
    public IReadOnlyList<StageTime> Stages => stages;

    /// <summary>Ends the stage before and starts one.</summary>
    public void Start(string name)
    {
        Stop();
        (current, start, cpu) = (name, time.GetTimestamp(), Environment.CpuUsage.TotalTime);
    }

    /// <summary>Ends the stage.</summary>
    public void Stop()
    {
        if (current is not null)
        {
            stages.Add(new StageTime(current, time.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds));
            current = null;
        }
    }

    /// <summary>The table, a line each.</summary>
    public IEnumerable<string> Lines() => stages.Append(new StageTime("all", stages.Sum(stage => stage.Seconds), stages.Sum(stage => stage.CpuSeconds)))
        .Select(stage => string.Create(CultureInfo.InvariantCulture, $"time: {stage.Name,-12} {stage.Seconds,7:F1} s, {stage.CpuSeconds,7:F1} s of CPU"));
}
