using System.Globalization;
using System.Runtime.InteropServices;

namespace Reco.Training.Distributed;

/// <summary>Workers that Open MPI started and connects (<c>mpirun -n 4 ... --workers=mpi</c>). A worker that is lost takes the
/// others with it, as MPI's default error handler wants; a restart goes on from the last checkpoint. NCCL would stand behind the
/// same interface; it is not on CPU machines and so not here.</summary>
internal sealed unsafe partial class MpiWorkers : ICollective
{
    private const string Library = "libmpi.so.40";

    /// <summary>MPI_IN_PLACE as Open MPI's header defines it.</summary>
    private const nint InPlace = 1;

    /// <summary>MPI_THREAD_SERIALIZED: several threads may call, one at a time, as code with awaits does.</summary>
    private const int Serialized = 2;
    private readonly nint world;
    private readonly nint floats;
    private readonly nint doubles;
    private readonly nint sum;

    private MpiWorkers()
    {
        // Open MPI's handles are the addresses of its exported objects.
        var library = NativeLibrary.Load(Library);
        world = NativeLibrary.GetExport(library, "ompi_mpi_comm_world");
        floats = NativeLibrary.GetExport(library, "ompi_mpi_float");
        doubles = NativeLibrary.GetExport(library, "ompi_mpi_double");
        sum = NativeLibrary.GetExport(library, "ompi_mpi_op_sum");
        var (rank, size, threads) = (0, 0, 0);
        Check(Init(null, null, Serialized, &threads));
        Check(CommRank(world, &rank));
        Check(CommSize(world, &size));
        (Rank, Size) = (rank, size);
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>Connects to the other workers.</summary>
    /// <exception cref="TrainingException">Open MPI is not installed.</exception>
    public static ICollective Connect()
    {
        try
        {
            return new MpiWorkers();
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new TrainingException($"--workers=mpi needs Open MPI ({Library}): install libopenmpi3 and openmpi-bin, and start the workers with mpirun. ({error.Message})", error);
        }
    }

    /// <inheritdoc/>
    public void AllReduceSum(Span<float> values)
    {
        fixed (float* data = values)
        {
            Check(AllReduce(InPlace, data, values.Length, floats, sum, world));
        }
    }

    /// <inheritdoc/>
    public void Broadcast(Span<double> values)
    {
        fixed (double* data = values)
        {
            Check(Bcast(data, values.Length, doubles, 0, world));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Check(FinalizeAll());

    private static void Check(int code)
    {
        if (code != 0)
        {
            throw new TrainingException(string.Create(CultureInfo.InvariantCulture, $"MPI failed with code {code}; start the job again, it goes on from the last checkpoint."));
        }
    }

    [LibraryImport(Library, EntryPoint = "MPI_Init_thread")]
    private static partial int Init(int* count, byte*** arguments, int required, int* provided);

    [LibraryImport(Library, EntryPoint = "MPI_Comm_rank")]
    private static partial int CommRank(nint communicator, int* rank);

    [LibraryImport(Library, EntryPoint = "MPI_Comm_size")]
    private static partial int CommSize(nint communicator, int* size);

    [LibraryImport(Library, EntryPoint = "MPI_Allreduce")]
    private static partial int AllReduce(nint send, float* receive, int count, nint type, nint operation, nint communicator);

    [LibraryImport(Library, EntryPoint = "MPI_Bcast")]
    private static partial int Bcast(double* data, int count, nint type, int root, nint communicator);

    [LibraryImport(Library, EntryPoint = "MPI_Finalize")]
    private static partial int FinalizeAll();
}
