using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>P = (X'X + lambda I)^-1 as an operator on items.</summary>
internal interface IGramInverse : IDisposable
{
    /// <summary>Diagonal of P <c>[items, 1]</c>.</summary>
    Tensor Diagonal { get; }

    /// <summary>P w, for w <c>[items, n]</c>.</summary>
    Tensor Times(Tensor w);
}

/// <summary>P in closed form. With fewer users than items it is kept as
/// (I - X'(XX' + lambda I)^-1 X) / lambda (Woodbury), so that memory is the square of the smaller side.</summary>
internal sealed class GramInverse : IGramInverse
{
    private readonly PurchaseMatrix matrix;
    private readonly double lambda;
    private readonly bool dual;

    /// <summary>Inverts.</summary>
    public GramInverse(PurchaseMatrix matrix, double lambda)
    {
        this.matrix = matrix;
        this.lambda = lambda;
        dual = matrix.Users < matrix.Items;
        var size = dual ? matrix.Users : matrix.Items;
        using var gram = tensor(matrix.Gram(dual), [size, size]);
        gram.diagonal().add_(lambda);
        using var factor = linalg.cholesky(gram);
        Inverse = cholesky_inverse(factor).DetachFromDisposeScope();
        Diagonal = (dual ? DualDiagonal() : Inverse.diagonal().clone()).unsqueeze(1).DetachFromDisposeScope();
    }

    /// <summary>The inverse of the smaller Gram matrix.</summary>
    public Tensor Inverse { get; }

    /// <summary>True where <see cref="Inverse"/> is that of XX' + lambda I.</summary>
    public bool OfUsers => dual;

    /// <inheritdoc/>
    public Tensor Diagonal { get; }

    /// <inheritdoc/>
    public Tensor Times(Tensor w) =>
        dual ? w.sub(matrix.TransposedTimes(Inverse.matmul(matrix.Times(w)))).div(lambda) : Inverse.matmul(w);

    /// <inheritdoc/>
    public void Dispose()
    {
        Inverse.Dispose();
        Diagonal.Dispose();
    }

    private Tensor DualDiagonal()
    {
        var inverse = Inverse.data<double>().ToArray();
        var diagonal = new double[matrix.Items];
        Parallel.For(0, matrix.Items, item =>
        {
            var sum = 0.0;
            foreach (var left in matrix.Owners[item] ?? [])
            {
                foreach (var right in matrix.Owners[item]!)
                {
                    sum += matrix.Scale(left) * matrix.Scale(right) * inverse[((long)left * matrix.Users) + right];
                }
            }

            diagonal[item] = (1 - sum) / lambda;
        });
        return tensor(diagonal);
    }
}
