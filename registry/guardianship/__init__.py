"""Who looks after a child: guardianships, agreements with carers, the assessment, and children who live alone."""
