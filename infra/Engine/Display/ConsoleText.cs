using Spectre.Console;

namespace Reco.Engine.Display;

/// <summary>Lines on a console, never wrapped and never taken for markup.</summary>
internal static class ConsoleText
{
    /// <summary>Writes a line in a colour (none: the terminal's own).</summary>
    public static void Line(IAnsiConsole console, string text, string colour = "")
    {
        if (!console.Profile.Capabilities.Ansi)
        {
            // Spectre would wrap at the width of a terminal that is not there.
            console.Profile.Out.Writer.WriteLine(text);
            return;
        }

        console.MarkupLine(colour.Length == 0 ? Markup.Escape(text) : $"[{colour}]{Markup.Escape(text)}[/]");
    }
}
