package solve

import "context"

// Scaled solves by the auction, which Solve leaves out where it doesn't pay.
func Scaled(ctx context.Context, p *Problem) (*Plan, error) {
	s, err := New(p)
	if err != nil {
		return nil, err
	}
	err = s.state.scaled(ctx)
	return s.plan(err == nil), err
}
