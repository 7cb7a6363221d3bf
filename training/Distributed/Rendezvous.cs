using System.Globalization;
using System.Net;

namespace Reco.Training.Distributed;

/// <summary>Who a worker is and where the first one gathers the others.</summary>
/// <param name="Rank">Number of this worker, from 0.</param>
/// <param name="Size">Number of workers, at least 2.</param>
/// <param name="Address">Name or address of worker 0.</param>
/// <param name="Port">Its port.</param>
internal sealed record Rendezvous(int Rank, int Size, string Address, int Port)
{
    /// <summary>True where all workers are on this machine: nobody else is listened to.</summary>
    public bool IsLocal => Address == "localhost" || (IPAddress.TryParse(Address, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Reads the variables that launchers set.</summary>
    /// <returns>Null where there is one worker.</returns>
    /// <exception cref="TrainingException">A variable is missing or wrong.</exception>
    public static Rendezvous? FromEnvironment(Func<string, string?> variable)
    {
        if (variable("WORLD_SIZE") is not { Length: > 0 } || Number(variable, "WORLD_SIZE", 1, 4_096) is var size && size == 1)
        {
            return null;
        }

        return new Rendezvous(Number(variable, "RANK", 0, size - 1), size,
            variable("MASTER_ADDR") is { Length: > 0 } address ? address : throw new TrainingException("WORLD_SIZE is set, but MASTER_ADDR is not; set it to the name or address of worker 0."),
            Number(variable, "MASTER_PORT", 1, 65_535));
    }

    private static int Number(Func<string, string?> variable, string name, int least, int most) =>
        int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new TrainingException($"{name} is \"{variable(name)}\"; it must be a number from {least} to {most}.");
}

/// <summary>Connects to the other workers.</summary>
internal static class Workers
{
    /// <summary>How this process was started: by mpirun, by a launcher that sets <c>WORLD_SIZE</c>, or alone.</summary>
    /// <param name="kind"><c>auto</c>, <c>single</c>, <c>mpi</c> or <c>tcp</c>.</param>
    /// <param name="cancellation">Stops the waiting for the others.</param>
    public static ICollective Connect(string kind, CancellationToken cancellation)
    {
        static string? Variable(string name) => Environment.GetEnvironmentVariable(name);
        return kind switch
        {
            "single" => new SingleWorker(),
            "mpi" => MpiWorkers.Connect(),
            "auto" when Variable("OMPI_COMM_WORLD_SIZE") is { } started && started != "1" => MpiWorkers.Connect(),
            _ => Rendezvous.FromEnvironment(Variable) is { } rendezvous ? TcpWorkers.Connect(rendezvous, cancellation)
                : kind == "auto" ? new SingleWorker()
                : throw new TrainingException("--workers=tcp needs WORLD_SIZE, RANK, MASTER_ADDR and MASTER_PORT in the environment."),
        };
    }
}
