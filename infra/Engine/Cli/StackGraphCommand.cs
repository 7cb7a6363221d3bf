using System.Collections.Immutable;
using System.CommandLine;
using Reco.Engine.Cli.Graph;
using Reco.Engine.Planning;
using Reco.Engine.State;
using Reco.Engine.Workspace;

namespace Reco.Engine.Cli;

/// <summary><c>stack graph</c>: the resources and what ties them together, as DOT text or, for a file that ends in
/// <c>.svg</c>, as a picture. Of a stack that has no resources yet the picture shows what an update would make.</summary>
internal sealed class StackGraphCommand(CliContext context)
{
    private readonly Argument<string> file = new("filename") { Description = "File to write to; one that ends in .svg is a picture, any other is DOT." };
    private readonly Option<bool> noParents = new("--ignore-parent-edges") { Description = "Without edges to parents." };
    private readonly Option<bool> noDependencies = new("--ignore-dependency-edges") { Description = "Without edges of dependencies." };
    private readonly Option<string> dependencyColor = new("--dependency-edge-color") { Description = "Colour of dependencies.", DefaultValueFactory = _ => "#246C60" };
    private readonly Option<string> parentColor = new("--parent-edge-color") { Description = "Colour of edges to parents.", DefaultValueFactory = _ => "#AA6639" };
    private readonly Option<bool> shortNames = new("--short-node-name") { Description = "Names instead of URNs." };
    private readonly Option<string> fragment = new("--dot-fragment") { Description = "DOT text to put at the top.", DefaultValueFactory = _ => "" };

    private readonly Option<bool> planned = new("--planned") { Description = "What an update would end with, instead of what is there; what is told of a stack that has nothing yet." };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var command = new Command("graph", "Draw the resources of a stack and their dependencies.") { file, noParents, noDependencies, dependencyColor, parentColor, shortNames, fragment, planned };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        using var session = context.OpenStack();
        var name = parsed.GetRequiredValue(file);
        var isPicture = name.EndsWith(".svg", StringComparison.OrdinalIgnoreCase);
        var resources = session.LoadSnapshot().Resources;
        if (parsed.GetValue(planned) || (isPicture && resources.IsEmpty))
        {
            if (await PlanAsync(session) is not { } plan)
            {
                return 1;
            }

            resources = plan;
            context.Output.WriteLine($"The graph shows what an update of stack '{session.Name.Stack}' would end with.");
        }

        var options = new GraphOptions(
            !parsed.GetValue(noParents), !parsed.GetValue(noDependencies), parsed.GetRequiredValue(parentColor), parsed.GetRequiredValue(dependencyColor), parsed.GetValue(shortNames), parsed.GetRequiredValue(fragment));
        var text = isPicture ? SvgGraph.Write(session.Name.Stack, resources, options) : DotGraph.Write(resources, options);
        DurableFile.Write(Path.GetFullPath(name, context.Directory), text);
        context.Output.WriteLine($"Wrote stack dependency graph to `{name}`");
        return 0;
    }

    private async Task<ImmutableArray<ResourceState>?> PlanAsync(StackSession session) =>
        (await new UpdateRunner(context, new UpdateRequest { Kind = DeploymentKind.Update, PreviewOnly = true }).PlanAsync(session))?.Resources;
}
