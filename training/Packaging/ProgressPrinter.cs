using System.Globalization;

namespace Reco.Training.Packaging;

/// <summary>Prints progress as lines that both people and the engine's display read: <c>progress 0.42 text</c>.</summary>
internal sealed class ProgressPrinter(TextWriter output)
{
    /// <summary>Says nothing.</summary>
    public static ProgressPrinter Silent { get; } = new(TextWriter.Null);

    /// <summary>Reports the share of the run that is done, from 0 to 1.</summary>
    public void Report(double share, string text) => Write(string.Create(CultureInfo.InvariantCulture, $"progress {share:F2} {text}"));

    /// <summary>Says something.</summary>
    public void Say(string text) => Write(text);

    private void Write(string line)
    {
        lock (output)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
