package main

import (
	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/jobs/notify"
)

// channelsFlag lets a command that works be told by which providers people are told.
func channelsFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "channels", fromEnv("MUSTER_CHANNELS", ""),
		"YAML file of the providers of SMS, e-mail and push; none: messages are only kept ($MUSTER_CHANNELS)")
}

// tellBy makes a node tell people by the providers of a file. The survey of up is where its pages are, if the file names none.
func (n *node) tellBy(path, survey string) error {
	s, err := notify.ReadSettings(path)
	if err != nil {
		return err
	}
	if s.Survey == "" {
		s.Survey = survey
	}
	if n.channels, err = s.Channels(); err != nil {
		return muster.Invalid("--channels", path, err.Error())
	}
	n.survey = s.SurveyOf
	return nil
}
